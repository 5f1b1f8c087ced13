import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Edit } from "../../src/scope/server/page/edit.js";
import { Show } from "../../src/scope/server/page/show.js";

let frames;
let sent;
let open;
let edit;
globalThis.document = { hidden: false };
globalThis.requestAnimationFrame = (run) => frames.push(run);
const nextFrame = () => frames.splice(0).forEach((run) => run());

beforeEach(() => {
  [frames, sent, open] = [[], [], true];
  edit = new Edit(
    new Show(),
    (message) => open && Boolean(sent.push(message)),
    () => {},
  );
});

test("a burst of one slider is one message a frame, with the last value", () => {
  for (let step = 1; step <= 100; step++) edit.set("fx", { trails: step / 100 }, "g1");
  nextFrame();
  assert.deepEqual(sent, [{ n: 1, stage: "fx", gesture: "g1", set: { trails: 1 } }]);
});

test("values of a stage travel as a group, stages apart", () => {
  edit.set("fx", { trails: 0.1, bloom: 0.2 }, "g");
  edit.set("fx-2", { trails: 0.3 }, "g");
  nextFrame();
  assert.deepEqual(
    sent.map(({ stage, set }) => [stage, set]),
    [
      ["fx", { trails: 0.1, bloom: 0.2 }],
      ["fx-2", { trails: 0.3 }],
    ],
  );
});

test("the page shows what it sent, with the number of the message", () => {
  edit.set("fx", { trails: 0.4 }, "g");
  nextFrame();
  assert.deepEqual(edit.show.drafts.peek(), { "fx/trails": { value: 0.4, n: 1 } });
});

test("a reset takes back what waits, and a new value takes back the reset", () => {
  edit.set("fx", { trails: 0.4 }, "g");
  edit.unset("fx", ["trails"]);
  nextFrame();
  edit.unset("fx", ["trails"]);
  edit.set("fx", { trails: 0.9 }, "g");
  nextFrame();
  assert.deepEqual(
    sent.map(({ set, unset }) => set ?? unset),
    [["trails"], { trails: 0.9 }],
  );
});

test("what is changed without a connection is sent when there is one", () => {
  open = false;
  edit.set("fx", { trails: 0.4 }, "g");
  nextFrame();
  open = true;
  edit.flush();
  assert.deepEqual(
    sent.map(({ set }) => set),
    [{ trails: 0.4 }],
  );
});

test("only the last prompts of a frame are sent", () => {
  edit.prompts([{ text: "a", weight: 1 }], "g");
  edit.prompts([{ text: "b", weight: 1 }], "g");
  nextFrame();
  assert.deepEqual(sent, [{ n: 1, prompts: [{ text: "b", weight: 1 }], gesture: "g" }]);
});

test("a request comes after what was changed before, by the socket or by another request", async () => {
  const asked = [];
  globalThis.fetch = (path, { headers }) =>
    new Promise((answer) => asked.push({ path, after: headers.get("Scope-After"), answer }));
  const said = () => `page-1 ${sent.length}`;
  const ordered = new Edit(edit.show, edit.send, () => {}, said);
  ordered.set("fx", { trails: 0.4 }, "g");
  const undone = ordered.undo();
  ordered.set("fx", { trails: 0.5 }, "h");
  const patched = ordered.patch([], "nothing");
  await new Promise(setImmediate);
  assert.deepEqual([asked.length, asked[0].path, asked[0].after], [1, "/api/v1/setup/undo", "page-1 1"]);
  asked[0].answer({ ok: true, status: 204 });
  assert.equal(await undone, true);
  await new Promise(setImmediate);
  assert.deepEqual([asked.length, asked[1].path, asked[1].after], [2, "/api/v1/setup", "page-1 2"]);
  asked[1].answer({ ok: true, status: 204 });
  assert.equal(await patched, true);
});
