import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, pointer } from "../../src/scope/server/page/patch.js";

const document = {
  stages: [
    { id: "fx", values: { trails: 0.5 } },
    { id: "fx-2", values: {} },
  ],
  prompts: [],
};

test("what a patch does not touch is shared", () => {
  const next = applied(document, [{ op: "replace", path: "/stages/0/values/trails", value: 0.8 }]);
  assert.equal(next.stages[0].values.trails, 0.8);
  assert.equal(document.stages[0].values.trails, 0.5);
  assert.equal(next.stages[1], document.stages[1]);
});

test("list items are inserted, appended and removed", () => {
  const next = applied(document, [
    { op: "add", path: "/stages/0", value: { id: "a" } },
    { op: "add", path: "/stages/-", value: { id: "z" } },
    { op: "remove", path: "/stages/1" },
  ]);
  assert.deepEqual(
    next.stages.map((stage) => stage.id),
    ["a", "fx-2", "z"],
  );
});

test("members are added and removed, their names escaped", () => {
  const next = applied({ values: {} }, [{ op: "add", path: pointer("values", "a/b~c"), value: 1 }]);
  assert.deepEqual(next, { values: { "a/b~c": 1 } });
  assert.deepEqual(applied(next, [{ op: "remove", path: pointer("values", "a/b~c") }]), { values: {} });
});

test("the whole document can be replaced", () => {
  assert.deepEqual(applied(document, [{ op: "replace", path: "", value: { a: 1 } }]), { a: 1 });
});

test("paths that are not there are errors", () => {
  for (const path of ["/stages/7", "/nothing", "/prompts/0/text", "stages"]) {
    assert.throws(() => applied(document, [{ op: "replace", path, value: 1 }]), Error, path);
  }
});
