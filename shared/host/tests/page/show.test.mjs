import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { fieldOf } from "../../src/scope/server/page/fields.js";
import { Show } from "../../src/scope/server/page/show.js";

const trails = fieldOf("trails", { type: "number", minimum: 0, maximum: 1, default: 0.1, ui: {} });
const stage = (id, values = {}, load = {}) => ({
  id,
  pipeline: "fx",
  role: "post",
  on: true,
  mode: null,
  load,
  values,
});
const setup = (...stages) => ({
  scope: 1,
  name: "",
  source: { kind: "sample" },
  stages,
  prompts: [],
  scenes: [],
  transition: {},
});
const state = (stages = {}) => ({
  engine: "ready",
  text: null,
  paused: false,
  loading: null,
  stages,
  recording: null,
  ingests: [],
});
const welcome = (document, rev = 3) => ({
  welcome: {
    client: "page-1",
    setup: document,
    rev,
    undo: null,
    redo: null,
    state: state(),
    faults: [],
    stats: null,
    jobs: [],
  },
});

let show;
let complaints;
let outdated;
beforeEach(() => {
  [complaints, outdated] = [[], 0];
  show = new Show(
    () => outdated++,
    (sentence) => complaints.push(sentence),
  );
  show.receive(welcome(setup(stage("fx", { trails: 0.5 }), stage("fx-2"))));
});

test("a welcome brings the whole show", () => {
  assert.equal(show.connection.peek(), "open");
  assert.equal(show.value("fx", trails), 0.5);
  assert.equal(show.value("fx-2", trails), 0.1);
});

test("a change is applied when it is the next one", () => {
  show.receive({
    changed: [{ op: "replace", path: "/stages/0/values/trails", value: 0.9 }],
    rev: 4,
    undo: "trails",
    redo: null,
  });
  assert.deepEqual([show.value("fx", trails), show.undo.peek(), show.rev.peek()], [0.9, "trails", 4]);
});

test("an old change is passed over, a gap asks for the document", () => {
  const before = outdated;
  show.receive({
    changed: [{ op: "replace", path: "/stages/0/values/trails", value: 0 }],
    rev: 2,
    undo: null,
    redo: null,
  });
  assert.equal(show.value("fx", trails), 0.5);
  show.receive({ changed: [], rev: 9, undo: null, redo: null });
  assert.equal(outdated, before + 1);
});

test("a value on its way hides the document's until it was taken", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  show.drafts.value = { "fx/trails": { value: 0.7, n: 5 } };
  show.receive({ took: 4, stage: "fx", values: {}, refused: {}, frame: 1 });
  mock.timers.tick(1000);
  assert.equal(show.value("fx", trails), 0.7);
  show.receive({ took: 5, stage: "fx", values: {}, refused: {}, frame: 2 });
  mock.timers.tick(1000);
  assert.equal(show.value("fx", trails), 0.5);
  mock.timers.reset();
});

test("a refused value says why, beside its own control", () => {
  show.receive({ took: 1, stage: "fx", values: {}, refused: { trails: "expected a number, got 'up'" }, frame: null });
  assert.deepEqual(show.refusals.peek(), { "fx/trails": "expected a number, got 'up'" });
});

test("an error is told", () => {
  show.receive({ error: "there is no stage 'x'", n: 1 });
  assert.deepEqual(complaints, ["there is no stage 'x'"]);
});

test("faults of one stage and kind are one sentence, and end when they are cleared", () => {
  const fault = (text, count) => ({ fault: { stage: "fx", kind: "call", text, count, rests: null } });
  show.receive(fault("first", 1));
  show.receive(fault("second", 2));
  show.receive({ fault: { stage: "fx-2", kind: "load", text: "other", count: 1, rests: null } });
  assert.deepEqual(
    show.faults.peek().map((one) => one.text),
    ["other", "second"],
  );
  show.receive({ cleared: "fx" });
  assert.deepEqual(
    show.faults.peek().map((one) => one.text),
    ["other"],
  );
});

test("a fault goes with its stage", () => {
  show.receive({ fault: { stage: "fx", kind: "setup", text: "has no effect", count: 1, rests: null } });
  show.receive({ changed: [{ op: "remove", path: "/stages/0" }], rev: 4, undo: null, redo: null });
  assert.deepEqual(show.faults.peek(), []);
});

test("load settings wait until the stage was loaded with them", () => {
  show.receive({ state: state({ fx: { load: {}, playing: true } }) });
  show.receive({ changed: [{ op: "add", path: "/stages/0/load/width", value: 832 }], rev: 4, undo: null, redo: null });
  assert.deepEqual(show.unapplied("fx"), ["width"]);
  show.receive({ state: state({ fx: { load: { width: 832 }, playing: true } }) });
  assert.deepEqual(show.unapplied("fx"), []);
});

test("a stage's mode follows the source unless it has its own", () => {
  show.pipelines.value = { fx: { supported_modes: ["text", "video"], mode_defaults: { text: { trails: 0.3 } } } };
  assert.equal(show.mode(show.stage("fx-2")), "video");
  show.receive({ changed: [{ op: "replace", path: "/source/kind", value: "none" }], rev: 4, undo: null, redo: null });
  assert.equal(show.mode(show.stage("fx-2")), "text");
  assert.equal(show.initial("fx-2", trails), 0.3);
});

test("a value on its way is over when the document has it", () => {
  show.drafts.value = { "fx/trails": { value: 0.9, n: 5 }, "fx-2/trails": { value: 0.2, n: 5 } };
  const path = "/stages/0/values/trails";
  show.receive({ changed: [{ op: "replace", path, value: 0.9 }], rev: 4, undo: null, redo: null });
  assert.deepEqual(Object.keys(show.drafts.peek()), ["fx-2/trails"]);
});

test("a server that has gone silent shows no figures, until it speaks again", () => {
  const speak = (engine) => {
    show.receive({ state: { ...show.state.peek(), engine } });
    show.receive({ stats: { fps: 30 } });
    show.unheard();
    return [show.silent.peek(), show.stats.peek()];
  };
  assert.deepEqual(speak("ready"), [true, null]);
  assert.deepEqual(speak("starting"), [false, { fps: 30 }]);
});
