import assert from "node:assert/strict";
import { test } from "node:test";

import { conflictsOf, heardToo, inputWords, moversOf } from "../../src/scope/server/page/movers.js";

const knob = (number, field, stage = "fx") => ({ input: `midi:1:cc:${number}`, stage, field, action: null });
const pad = (number, action) => ({ input: `midi:2:note:${number}`, stage: null, field: null, action });
const show = (mappings, modulation = []) => ({ mappings, modulation, stages: [{ id: "fx" }] });
const nothing = new Set();

test("inputs are named as performers name them", () => {
  assert.equal(inputWords("midi:1:cc:21"), "CC 21");
  assert.equal(inputWords("midi:2:note:60"), "Note 60 ch 2");
  assert.equal(inputWords("dmx"), "dmx");
  assert.equal(inputWords("osc:/fader/1"), "OSC /fader/1");
});

test("a control says everything that moves it, hardware first", () => {
  const setup = show([knob(21, "bloom")], [{ stage: "fx", field: "bloom", wave: "sine" }]);
  const movers = moversOf(setup, new Set(["fx/bloom"]), { stage: "fx", field: "bloom" });
  assert.deepEqual(
    movers.map(({ kind, words }) => `${kind} ${words}`),
    ["midi CC 21", "wave sine", "osc OSC"],
  );
  assert.deepEqual(moversOf(setup, nothing, { stage: "fx", field: "trails" }), []);
});

test("a mapped OSC address is no MIDI input", () => {
  const setup = show([{ ...knob(1, "bloom"), input: "osc:/fader/1" }]);
  assert.deepEqual(moversOf(setup, nothing, { stage: "fx", field: "bloom" }), [{ kind: "osc", words: "OSC /fader/1" }]);
});

test("a knob of several controls says of how many, and an action has its pad", () => {
  const setup = show([knob(21, "bloom"), knob(21, "trails"), pad(60, "tap")]);
  assert.equal(moversOf(setup, nothing, { stage: "fx", field: "bloom" })[0].words, "CC 21 × 2");
  assert.equal(moversOf(setup, nothing, { action: "tap" })[0].words, "Note 60 ch 2");
});

test("two inputs on one control fight, a wave beside an input does not", () => {
  const isThere = () => true;
  const [conflict, ...others] = conflictsOf(show([knob(21, "bloom"), knob(22, "bloom"), knob(23, "trails")]), isThere);
  assert.deepEqual([conflict.sentence, others.length], ["CC 21 and CC 22 move the same control, fx: bloom.", 0]);
  assert.deepEqual(
    conflictsOf(show([knob(21, "bloom")], [{ stage: "fx", field: "bloom", wave: "beat" }]), isThere),
    [],
  );
});

test("a mapping whose control is gone is named", () => {
  const [conflict] = conflictsOf(show([knob(21, "bloom", "gone")]), (stage) => stage === "fx");
  assert.equal(conflict.sentence, "CC 21: there is no control “bloom” of gone now.");
});

test("what OSC moved is remembered by the name of its stage", () => {
  const changes = [{ path: "/stages/0/values/bloom" }, { path: "/stages/0/on" }, { path: "/tempo/bpm" }];
  const heard = heardToo(nothing, show([]), changes);
  assert.deepEqual([...heard], ["fx/bloom"]);
  assert.equal(heardToo(heard, show([]), changes), heard);
});
