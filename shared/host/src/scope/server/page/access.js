/** A field of a stage as its control sees it. */

import { computed } from "./signals.js";
import { same } from "./values.js";

/**
 * @param {import("./show.js").Show} show @param {import("./edit.js").Edit} edit
 * @param {string} stage @param {import("./fields.js").Field} field
 * @returns {import("./slider.js").Access}
 */
export function accessOf(show, edit, stage, field) {
  const value = computed(() => show.value(stage, field), same);
  const initial = computed(() => show.initial(stage, field), same);
  const refused = computed(() => show.refusals.value[`${stage}/${field.name}`] ?? "");
  return {
    value: () => value.value,
    initial: () => initial.value,
    changed: () => !same(value.value, initial.value),
    refused: () => refused.value,
    set: (next, gesture) =>
      field.load ? edit.load(stage, field.name, next) : edit.set(stage, { [field.name]: next }, gesture),
    reset: () => (field.load ? edit.load(stage, field.name, undefined) : edit.unset(stage, [field.name])),
  };
}
