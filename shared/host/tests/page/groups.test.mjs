import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldOf } from "../../src/scope/server/page/fields.js";
import { fieldHas, grouped, isCalled, sectioned } from "../../src/scope/server/page/groups.js";

const number = (name, label, component, group) =>
  fieldOf(name, { type: "number", minimum: 0, maximum: 1, default: 0, ui: { label, component, group } });

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

test("an amount that begins like another one heads its own group", () => {
  const names = ["edge", "edge_width", "edge_glow", "edge_glow_hue"];
  const groups = grouped(names.map((name) => number(name)));
  assert.deepEqual(
    groups.map((group) => [group.key, group.fields.map((field) => field.name)]),
    [
      ["edge", ["edge_width"]],
      ["edge_glow", ["edge_glow_hue"]],
    ],
  );
});

test("a control inside a group that is on by default stays inside, with those that carry its name", () => {
  const behind = fieldOf("key_behind", { enum: ["echo", "black"], default: "echo", ui: { label: "Key behind" } });
  const [group, ...others] = grouped([number("key", "Key"), behind, number("key_behind_hue", "Key behind hue")]);
  assert.deepEqual([group.key, others.length], ["key", 0]);
  assert.deepEqual(
    group.fields.map((field) => field.label),
    ["Behind", "Behind hue"],
  );
});

test("sections stand in the order of their first field, between what leads and what is left", () => {
  const [look, bloom, grade, rays, seed] = [
    number("look"),
    number("bloom", "Bloom", "", "Light"),
    number("grade", "Grade", "", "Color"),
    number("rays", "Rays", "", "Light"),
    number("seed"),
  ];
  const titles = (pinned) =>
    sectioned(grouped([look, bloom, grade, rays, seed]), pinned).map(({ title, groups }) => [
      title,
      ...groups.map((group) => group.key),
    ]);
  assert.deepEqual(titles([]), [
    ["", "look"],
    ["Light", "bloom", "rays"],
    ["Color", "grade"],
    ["Other", "seed"],
  ]);
  assert.deepEqual(titles(["grade"]), [
    ["", "look"],
    ["Pinned", "grade"],
    ["Light", "bloom", "rays"],
    ["Other", "seed"],
  ]);
});

test("a group is found by its title, its section and what it holds", () => {
  const [group] = grouped([number("trails", "Trails", "", "Time"), number("trails_hue", "Trails hue", "", "Time")]);
  assert.deepEqual(
    ["TRAI", "time", "hue"].map((words) => isCalled(group, words)),
    [true, true, false],
  );
  assert.ok(fieldHas(group.fields[0], "Hue"));
});

test("a few fields that carry the pipeline's own name stand alone", () => {
  const names = ["fx_look", "fx_amount", "fx_beat", "fx_bpm", "bloom", "trails", "glow"];
  const keys = grouped(
    names.map((name) => number(name)),
    "fx",
  ).map((group) => [group.key, group.title]);
  assert.deepEqual(
    keys,
    names.map((name) => [name, ""]),
  );
  const own = ["synth_a", "synth_b", "synth_c", "synth_c_x", "seed"].map((name) => number(name));
  assert.deepEqual(
    grouped(own, "synth").map((group) => group.key),
    ["synth_a", "synth_b", "synth_c", "seed"],
  );
});
