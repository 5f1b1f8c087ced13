/** Mapping mode: every control is a pad that says what moves it. Press one, then move a knob; a strip names conflicts. */

import { h } from "./dom.js";
import { fieldsOf } from "./fields.js";
import { openMidi } from "./midi-dialog.js";
import { mappingsOf } from "./midi.js";
import { ACTIONS, conflictsOf, moversOf } from "./movers.js";
import { computed, effect } from "./signals.js";
import { same } from "./values.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./midi.js").Midi} Midi */
/** @typedef {import("./midi.js").Target} Target */

/** @param {Show} show @param {Midi} midi */
export function mappingStrip(show, midi) {
  effect(() => document.body.classList.toggle("mapping", midi.mapping.value));
  return () => midi.mapping.value && strip(show, midi);
}

/** @param {Show} show @param {Midi} midi */
function strip(show, midi) {
  const conflicts = conflictsNow(show);
  const count = computed(() => show.setup.value.mappings.length);
  const leave = () => midi.leave();
  return h(
    "div",
    { class: "map-strip", role: "group", "aria-label": "Mapping" },
    h(
      "div",
      { class: "map-line" },
      h("b", {}, "Mapping"),
      h("span", { class: "grow quiet", role: "status" }, () => advice(midi)),
      h(
        "button",
        { type: "button", class: "raised", onclick: () => openMidi(show, midi) },
        () => `${count.value} mapped`,
      ),
      h("button", { type: "button", class: "primary", onclick: leave }, "Done"),
    ),
    h(
      "div",
      { class: "map-actions" },
      Object.entries(ACTIONS).map(([action, words]) => mapPad(show, midi, { action }, words)),
    ),
    () => conflicts.value.map(({ sentence }) => h("p", { class: "problem" }, sentence)),
  );
}

/** @param {Midi} midi */
function advice(midi) {
  if (midi.learning.value) return "Move a knob or hit a pad…";
  if (!midi.on.value) return "MIDI is off in this browser. Mappings are shown all the same.";
  const devices = midi.devices.value;
  return devices.length
    ? `Press a control, then move a knob of ${devices.join(", ")}.`
    : "No MIDI device is connected.";
}

/** @param {Show} show */
export function conflictsNow(show) {
  const names = computed(
    () =>
      show.setup.value.stages.flatMap((stage) => {
        const pipeline = show.pipelines.value[stage.pipeline];
        return pipeline ? fieldsOf(pipeline).map((field) => `${stage.id}/${field.name}`) : [];
      }),
    same,
  );
  return computed(() => {
    const there = new Set(names.value);
    return conflictsOf(show.setup.value, (stage, field) => there.has(`${stage}/${field}`));
  }, same);
}

/**
 * A pad for what a mapping can move. Pressing it learns; pressing it again gives up.
 * @param {Show} show @param {Midi} midi @param {Target} target @param {string} name "" where a label stands beside it
 * @param {string} [label] what a screen reader says instead @param {(words: string) => string} [fitted] for pads with little room
 */
export function mapPad(show, midi, target, name, label = name, fitted = (words) => words) {
  const movers = computed(() => moversOf(show.setup.value, show.heard.value, target), same);
  const isLearning = computed(() => same(midi.learning.value, target));
  const fights = computed(() => mappingsOf(show.setup.value.mappings, target).length > 1);
  const words = () => (isLearning.value ? "Move a knob…" : movers.value.map((one) => one.words).join(", "));
  return h(
    "button",
    {
      type: "button",
      class: () =>
        `map-pad ${movers.value[0]?.kind ?? ""}${isLearning.value ? " learning" : ""}${fights.value ? " fight" : ""}`,
      "aria-pressed": () => String(isLearning.value),
      "aria-label": () => `Map ${label}: ${words() || "not mapped"}`,
      title: words,
      onclick: () => (isLearning.peek() ? midi.giveUp() : midi.learn(target)),
    },
    name && h("span", {}, name),
    h("span", { class: "num" }, () => fitted(words())),
  );
}
