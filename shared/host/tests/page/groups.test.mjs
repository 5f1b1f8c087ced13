import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldOf } from "../../src/scope/server/page/fields.js";
import { grouped } from "../../src/scope/server/page/groups.js";

const number = (name, label, component) =>
  fieldOf(name, { type: "number", minimum: 0, maximum: 1, ui: { label, component } });

test("an amount heads the controls that carry its name, with their labels shortened", () => {
  const [group] = grouped([
    number("trails", "Trails"),
    number("trails_zoom", "Trails zoom"),
    number("trails_hue", "Trails hue"),
  ]);
  assert.equal(group.head.label, "Trails");
  assert.deepEqual(
    group.fields.map((field) => field.label),
    ["Zoom", "Hue"],
  );
});

test("three of a kind without an amount share a title, two stay on their own", () => {
  const names = ["grade_lift", "grade_gain", "grade_gamma", "other_a", "other_b"];
  const groups = grouped(names.map((name) => number(name)));
  assert.deepEqual(
    groups.map((group) => [group.title, group.fields.length]),
    [
      ["Grade", 3],
      ["", 0],
      ["", 0],
    ],
  );
});

test("a mark that most names share does not make a group", () => {
  const groups = grouped(["base_seed", "synth_a", "synth_b", "synth_c"].map((name) => number(name)));
  assert.ok(groups.every((group) => group.title === ""));
});

test("fields of one component are one group, where the first of them stands", () => {
  const groups = grouped([
    number("a"),
    number("w", "Width", "resolution"),
    number("b"),
    number("h", "Height", "resolution"),
  ]);
  assert.deepEqual(
    groups.map((group) => group.title),
    ["", "Resolution", ""],
  );
  assert.deepEqual(
    groups[1].fields.map((field) => field.name),
    ["w", "h"],
  );
});

test("an amount of two words heads its group, not its first word", () => {
  const [group] = grouped([number("edge_glow", "Edge glow"), number("edge_glow_hue", "Edge glow hue")]);
  assert.deepEqual([group.head.name, group.fields[0].label], ["edge_glow", "Hue"]);
});
