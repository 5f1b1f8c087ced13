import assert from "node:assert/strict";
import { test } from "node:test";

import { additions, freeId, rolesOf } from "../../src/scope/server/page/chooser.js";
import { lengthened, moved } from "../../src/scope/server/page/steps.js";

const stage = (id, role) => ({ id, role, pipeline: id });
const roles = { fx: ["post"], control: ["pre"] };
const rolesOfId = (id) => roles[id] ?? ["main"];
const steps = (stages, role) => additions(stages, stage("new", role), rolesOfId).map(({ op, path }) => `${op} ${path}`);
const path = (stages, role) => steps(stages, role)[0];

test("a new stage comes behind the others of its role", () => {
  const stages = [stage("control", "pre"), stage("wan", "main"), stage("fx", "post")];
  assert.equal(path(stages, "pre"), "add /stages/1");
  assert.equal(path(stages, "post"), "add /stages/3");
  assert.equal(path([stage("fx", "post")], "main"), "add /stages/0");
});

test("a new main pipeline takes the place of the old one", () => {
  assert.equal(path([stage("control", "pre"), stage("wan", "main")], "main"), "replace /stages/1");
});

test("ids differ, also for the same pipeline twice and for odd names", () => {
  assert.equal(freeId("fx", ["fx", "fx-2"]), "fx-3");
  assert.equal(freeId("2 näme", []), "n-me");
});

test("a pipeline without a declared usage is a main pipeline", () => {
  assert.deepEqual(rolesOf({ usage: [] }), ["main"]);
  assert.deepEqual(rolesOf({ usage: ["postprocessor", "preprocessor"] }), ["pre", "post"]);
});

test("a denoising step stays between its neighbours", () => {
  assert.deepEqual(moved([1000, 750, 500], 1, 200), [1000, 501, 500]);
  assert.deepEqual(moved([1000, 750, 500], 1, 1200), [1000, 999, 500]);
  assert.deepEqual(moved([1000, 750, 500], 2, -5), [1000, 750, 0]);
});

test("a further step is half way to zero, and there is none below one", () => {
  assert.deepEqual(lengthened([1000, 500]), [1000, 500, 250]);
  assert.deepEqual(lengthened([1]), [1]);
});

test("an effect that stood alone makes room for a main pipeline", () => {
  assert.deepEqual(steps([stage("fx", "main")], "main"), ["replace /stages/0/role", "add /stages/0"]);
  assert.deepEqual(steps([stage("control", "main")], "main"), ["replace /stages/0/role", "add /stages/1"]);
});
