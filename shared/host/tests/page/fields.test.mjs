import assert from "node:assert/strict";
import { test } from "node:test";

import { defaultOf, fieldOf, fieldsOf, showsIn } from "../../src/scope/server/page/fields.js";

const ui = (extra = {}) => ({ ui: { category: "configuration", is_load_param: false, ...extra } });
const optional = (type) => ({ anyOf: [type, { type: "null" }], default: null });

test("each primitive type gets its control", () => {
  const kinds = {
    toggle: { type: "boolean" },
    text: { type: "string" },
    slider: { type: "number", minimum: 0, maximum: 1 },
    number: { type: "number" },
    menu: { type: "string", enum: ["a", "b"] },
    list: { type: "array", items: { type: "integer" } },
    json: { type: "object" },
  };
  for (const [kind, property] of Object.entries(kinds)) assert.equal(fieldOf("x", property).kind, kind);
});

test("exclusive bounds give a number box that knows its bounds", () => {
  const field = fieldOf("x", { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 });
  assert.deepEqual([field.kind, field.min, field.max], ["number", 0, 1]);
});

test("one bound only is a number box", () =>
  assert.equal(fieldOf("x", { type: "integer", minimum: 0 }).kind, "number"));

test("an optional literal keeps its choices and can be without a value", () => {
  const field = fieldOf("x", optional({ enum: ["a", "b"], type: "string" }));
  assert.deepEqual(
    field.options.map((option) => option.value),
    [null, "a", "b"],
  );
});

test("an optional enum is found through its reference", () => {
  const field = fieldOf("x", optional({ $ref: "#/$defs/Kind" }), { Kind: { enum: ["one", "two"], type: "string" } });
  assert.deepEqual([field.kind, field.options.length, field.nullable], ["menu", 3, true]);
});

test("an optional bounded float is a slider with its own range", () => {
  const field = fieldOf("x", optional({ type: "number", minimum: -1, maximum: 1 }));
  assert.deepEqual([field.kind, field.min, field.max, field.step, field.nullable], ["slider", -1, 1, 0.01, true]);
});

test("a literal of one value is a menu of one", () => {
  assert.deepEqual(fieldOf("x", { const: "only", type: "string" }).options, [{ value: "only", label: "Only" }]);
});

test("integer literals stay integers", () => {
  assert.deepEqual(
    fieldOf("x", { enum: [1, 2, 4], type: "integer" }).options.map((option) => option.value),
    [1, 2, 4],
  );
});

test("an optional boolean can be automatic", () => {
  assert.deepEqual(
    fieldOf("x", optional({ type: "boolean" })).options.map((o) => o.label),
    ["Automatic", "On", "Off"],
  );
});

test("a seed is typed, not slid", () => {
  assert.equal(fieldOf("x", { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 }).kind, "number");
});

test("tuples and unions fall back to JSON", () => {
  assert.equal(fieldOf("x", { type: "array", prefixItems: [{ type: "number" }] }).kind, "json");
  assert.equal(fieldOf("x", {}).kind, "json");
});

test("a reference cycle ends", () => {
  assert.equal(fieldOf("x", { $ref: "#/$defs/A" }, { A: { $ref: "#/$defs/A" } }).kind, "json");
});

test("labels come from the schema, else from the name", () => {
  assert.equal(fieldOf("edge_glow", { type: "number" }).label, "Edge glow");
  assert.equal(fieldOf("edge_glow", { type: "number", ...ui({ label: "Neon" }) }).label, "Neon");
});

test("steps are fine enough for a small range, and no finer than one sees in a large one", () => {
  assert.equal(fieldOf("x", { type: "number", minimum: 20, maximum: 300 }).step, 0.1);
  assert.equal(fieldOf("x", { type: "number", minimum: 0, maximum: 0.1 }).step, 0.001);
  assert.equal(fieldOf("x", { type: "number", minimum: 0, maximum: 1, multipleOf: 0.25 }).step, 0.25);
});

test("fields stand by order and then by name; those without metadata are under More", () => {
  const fields = fieldsOf({
    config_schema: {
      properties: {
        plain: { type: "string" },
        b: { type: "string", ...ui({ order: 2 }) },
        z: { type: "string", ...ui({ order: 1 }) },
        a: { type: "string", ...ui({ order: 2, category: "input" }) },
      },
    },
  });
  assert.deepEqual(
    fields.map((field) => `${field.name}:${field.panel}`),
    ["z:settings", "a:input", "b:settings", "plain:more"],
  );
});

test("components turn lists and texts into pickers", () => {
  const images = { type: "array", items: { type: "string" }, ...ui({ component: "vace" }) };
  assert.equal(fieldOf("x", images).kind, "images");
  assert.equal(fieldOf("x", { type: "string", ...ui({ component: "image" }) }).kind, "image");
  assert.equal(
    fieldOf("x", { type: "array", items: { type: "integer" }, ...ui({ component: "denoising_steps" }) }).kind,
    "steps",
  );
  assert.equal(fieldOf("x", { type: "string", ...ui({ component: "unheard_of" }) }).component, "");
});

test("a mode shows its own fields and its own defaults", () => {
  const field = fieldOf("noise", { type: "number", default: 0.2, ...ui({ modes: ["video"] }) });
  const pipeline = { mode_defaults: { video: { noise: 0.7 } } };
  assert.deepEqual([showsIn(field, "video"), showsIn(field, "text")], [true, false]);
  assert.deepEqual([defaultOf(field, pipeline, "video"), defaultOf(field, pipeline, "text")], [0.7, 0.2]);
});

test("inherited fields show where a pipeline gives them a place, old names nowhere; a generator has size and seed", () => {
  const properties = { width: { type: "integer" }, noise_scale: { type: "number" }, height: { type: "integer", ui: {} }, own: { type: "integer" }, was: { type: "integer", deprecated: true } };
  const namesOf = (usage) => fieldsOf({ usage, config_schema: { properties } }).map((field) => field.name);
  assert.deepEqual(namesOf(["postprocessor"]), ["height", "own"]);
  assert.deepEqual(namesOf([]), ["height", "own", "width"]);
});
