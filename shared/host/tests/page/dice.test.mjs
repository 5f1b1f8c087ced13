import assert from "node:assert/strict";
import { test } from "node:test";

import { thrown } from "../../src/scope/server/page/dice.js";
import { fieldOf } from "../../src/scope/server/page/fields.js";

const share = (name, initial = 0) =>
  fieldOf(name, { type: "number", minimum: 0, maximum: 1, default: initial, ui: {} });
const initial = (field) => field.initial;
/** Numbers in [0, 1) that follow from a seed. */
const random = (seed) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;

test("dice stay inside the bounds and leave load settings, text and pictures alone", () => {
  const fields = [
    share("a", 0.5),
    { ...share("b"), load: true },
    fieldOf("c", { type: "string", ui: {} }),
    { ...share("d"), panel: "more" },
    share("fx_amount", 1),
  ];
  for (let seed = 1; seed < 200; seed++) {
    const values = thrown(fields, "fx", initial, random(seed));
    assert.deepEqual(Object.keys(values), ["a"]);
    assert.ok(values.a >= 0 && values.a <= 1, String(values.a));
  }
});

test("of many effects a few are on after a throw, and the others are off", () => {
  const fields = Array.from({ length: 30 }, (_, at) => [share(`e${at}`), share(`e${at}_size`, 0.5)]).flat();
  const amounts = Array.from({ length: 100 }, (_, at) => {
    const values = thrown(fields, "fx", initial, random(at + 1));
    return Object.entries(values).filter(([name, value]) => !name.includes("_") && value > 0).length;
  });
  const mean = amounts.reduce((sum, one) => sum + one, 0) / amounts.length;
  assert.ok(mean > 2 && mean < 4, String(mean));
});
