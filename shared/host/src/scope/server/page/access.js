/** A field of a stage as its control sees it. */

import { openFollow } from "./follow.js";
import { mapPad } from "./mapping-mode.js";
import { isMappable, midiTarget } from "./midi.js";
import { moversOf } from "./movers.js";
import { computed } from "./signals.js";
import { same } from "./values.js";

/**
 * What controls of one stage work with.
 * @typedef {object} Context
 * @property {import("./show.js").Show} show
 * @property {import("./edit.js").Edit} edit
 * @property {import("./midi.js").Midi} midi
 * @property {import("./sound.js").Sound} sound
 * @property {(field: import("./fields.js").Field) => { on: boolean, flip: () => void } | null} pin null where it cannot be pinned
 * @property {string} stage
 */

/** @param {Context} context @param {import("./fields.js").Field} field @returns {import("./slider.js").Access} */
export function accessOf(context, field) {
  const { show, edit, stage } = context;
  const value = computed(() => show.value(stage, field), same);
  const initial = computed(() => show.initial(stage, field), same);
  const refused = computed(() => show.refusals.value[`${stage}/${field.name}`] ?? "");
  const chosen = computed(() => show.state.value.stages[stage]?.chosen?.[field.name], same);
  const target = { stage, field: field.name };
  const movers = computed(() => moversOf(show.setup.value, show.heard.value, target), same);
  /** @type {import("./slider.js").Access} */
  const access = {
    value: () => value.value,
    initial: () => initial.value,
    chosen: () => chosen.value,
    changed: () => !same(value.value, initial.value),
    refused: () => refused.value,
    movers: () => movers.value,
    isMapped: () => isMappable(field) && context.midi.mapping.value,
    pad: () => access.isMapped() && mapPad(show, context.midi, midiTarget(stage, field), "", field.label),
    set: (next, gesture) =>
      field.load ? edit.load(stage, field.name, next) : edit.set(stage, { [field.name]: next }, gesture),
    reset: () => (field.load ? edit.load(stage, field.name, undefined) : edit.unset(stage, [field.name])),
    open: (anchor) => openFollow(anchor, context, field, access),
  };
  return access;
}
