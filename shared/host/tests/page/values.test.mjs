import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldOf } from "../../src/scope/server/page/fields.js";
import { digits, isActive, parsed, shown, stepped } from "../../src/scope/server/page/values.js";

const share = fieldOf("share", { type: "number", minimum: 0, maximum: 1, default: 0.5, ui: {} });
const optional = fieldOf("size", { anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { type: "null" }], ui: {} });

test("numbers are shown with the digits of their step", () => {
  assert.equal(shown(share, 0.5), "0.50");
  assert.equal(shown(fieldOf("free", { type: "number" }), 0.1234), "0.1234");
  assert.equal(shown(optional, 3), "3");
  assert.equal(shown(optional, null), "");
  assert.deepEqual([1, 0.25, 0.1, 0.01, 0.001].map(digits), [0, 1, 1, 2, 3]);
});

test("typed numbers are held inside the range; a comma is a point", () => {
  assert.deepEqual(parsed(share, "0,25"), { value: 0.25 });
  assert.deepEqual(parsed(share, "7"), { value: 1 });
  assert.deepEqual(parsed(optional, ""), { value: null });
  for (const text of ["", "abc", "NaN", "1e999"]) assert.match(parsed(share, text).error, /expected a number/);
});

test("lists are parsed by what they hold", () => {
  const steps = fieldOf("x", { type: "array", items: { type: "integer" } });
  assert.deepEqual(parsed(steps, "1000, 750,"), { value: [1000, 750] });
  assert.match(parsed(steps, "1, b").error, /expected numbers/);
  assert.deepEqual(parsed(fieldOf("x", { type: "array", items: { type: "string" } }), "a, b"), { value: ["a", "b"] });
});

test("a step leaves no tail of rounding", () => {
  assert.equal(stepped(share, 0.1 + 0.2), 0.3);
  assert.equal(stepped(share, -4), 0);
});

test("an amount of nothing is not active", () => {
  assert.deepEqual([0, false, "", null, "off", "none"].map(isActive), Array(6).fill(false));
  assert.deepEqual([0.1, -1, true, "left"].map(isActive), Array(4).fill(true));
});
