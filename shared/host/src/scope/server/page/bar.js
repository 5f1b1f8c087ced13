/** The bar over everything: transport, undo, meters, dialogs; and the phone's foot with the transport at the thumb. */

import { clock, openOutput, snapshot, toggleRecording } from "./actions.js";
import { append, h, icon, iconButton } from "./dom.js";
import { openHelp } from "./help.js";
import { openPresets } from "./presets.js";
import { openFaults } from "./sayings.js";
import { computed } from "./signals.js";
import { clockLook, tap, tempoButton, tempoLights } from "./tempo.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {{ show: Show, edit: Edit, midi: import("./midi.js").Midi, settings: () => void, scenes: () => void }} Parts `scenes`: shows or hides them on a phone */

/** @param {HTMLElement} bar @param {HTMLElement} foot @param {Parts} parts */
export function transport(bar, foot, { show, edit, midi, settings, scenes }) {
  const short = (/** @type {string} */ label) => (label.length > 60 ? `${label.slice(0, 60)}…` : label);
  const undoTitle = () => (show.undo.value === null ? "Nothing to undo" : `Undo: ${short(show.undo.value)} (Ctrl+Z)`);
  const redoTitle = () =>
    show.redo.value === null ? "Nothing to redo" : `Redo: ${short(show.redo.value)} (Shift+Ctrl+Z)`;
  append(bar, [
    h("h1", { class: "mark" }, "Scope"),
    playButton(show, edit, "play primary desk"),
    recordButton(show, "icon rec desk"),
    iconButton("camera", "Save a picture (S)", snapshot, { class: "icon desk tablet" }),
    h("span", { class: "sep desk" }),
    iconButton("undo", "Undo", edit.undo, { title: undoTitle, disabled: () => show.undo.value === null }),
    iconButton("redo", "Redo", edit.redo, { title: redoTitle, disabled: () => show.redo.value === null }),
    h("span", { class: "sep desk" }),
    tempoButton(show, edit, "num desk tablet"),
    tempoLights(show),
    h("span", { class: "grow" }),
    meters(show),
    h("span", { class: "sep desk" }),
    h("button", { type: "button", class: "desk", onclick: () => openPresets(show, edit) }, "Presets"),
    h(
      "button",
      {
        type: "button",
        class: "desk tablet map-button",
        "aria-pressed": () => String(midi.mapping.value),
        title: "See and change what MIDI, OSC and waves move (M)",
        onclick: () => midi.flip(),
      },
      "Map",
    ),
    iconButton("output", "Output window (O)", openOutput, { class: "icon desk tablet" }),
    iconButton("help", "Keys and help (?)", openHelp, { class: "icon desk tablet" }),
    iconButton("settings", "Settings", settings),
  ]);
  append(foot, [
    recordButton(show, "icon rec"),
    playButton(show, edit, "play primary"),
    tapButton(show, edit),
    h("button", { type: "button", onclick: scenes }, "Scenes"),
    h("button", { type: "button", onclick: () => openPresets(show, edit) }, "Presets"),
  ]);
}

/** @param {Show} show @param {Edit} edit @param {string} look */
function playButton(show, edit, look) {
  const paused = computed(() => show.state.value.paused);
  return h(
    "button",
    {
      type: "button",
      class: look,
      "aria-keyshortcuts": "Space",
      title: "Space",
      onclick: () => edit.pause(!paused.peek()),
    },
    () => icon(paused.value ? "play" : "pause"),
    () => (paused.value ? "Play" : "Pause"),
  );
}

/** @param {Show} show @param {string} look */
function recordButton(show, look) {
  const recording = computed(() => show.state.value.recording);
  const seconds = () => {
    const newest = show.stats.value?.recording;
    return newest?.name === recording.value.name ? newest.seconds : recording.value.seconds;
  };
  return h(
    "button",
    {
      type: "button",
      class: () => `${look}${recording.value ? " on" : ""}`,
      "aria-label": () => (recording.value ? "Stop recording (R)" : "Record (R)"),
      title: () => (recording.value ? "Stop recording (R)" : "Record (R)"),
      "data-act": "record",
      onclick: () => toggleRecording(show),
    },
    icon("record"),
    () => recording.value && h("span", { class: "num" }, clock(seconds())),
  );
}

/** @param {Show} show @param {Edit} edit */
function tapButton(show, edit) {
  const words = () => (show.clock.value ? `Tap ${Math.round(show.clock.value.bpm)}` : "Tap");
  const look = clockLook(show, "num", "Tap the beat");
  return h("button", { type: "button", ...look, onclick: () => tap(show, edit) }, words);
}

/** None while the engine is gone: they would look like those of one that plays. @param {Show} show */
export const figuresOf = (show) => (show.state.value.engine === "dead" ? null : show.stats.value);

/** @param {Show} show */
function meters(show) {
  const stats = () => figuresOf(show);
  const age = () => (stats()?.fps ? stats().age_ms : null);
  const faults = computed(() => show.faults.value.length);
  const anyFault = computed(() => faults.value > 0);
  const meter = (/** @type {string} */ title, /** @type {string} */ unit, /** @type {() => any} */ read, look = "") =>
    h("span", { class: () => `meter num ${look}`, title }, h("b", {}, read), ` ${unit}`);
  return [
    () =>
      anyFault.value &&
      h(
        "button",
        { type: "button", class: "danger", onclick: () => openFaults(show) },
        () => `${faults.value} fault${faults.value > 1 ? "s" : ""}`,
      ),
    meter("Frames per second at the output", "fps", () => stats()?.fps.toFixed(1) ?? "–"),
    h(
      "span",
      {
        class: "meter num",
        title: () =>
          `Latency from capture to output: median ${round(age()?.p50)} ms, 95th percentile ${round(age()?.p95)} ms`,
      },
      h("b", {}, () => round(age()?.p50)),
      h("span", { class: "desk roomy" }, () => ` / ${round(age()?.p95)}`),
      " ms",
    ),
    meter("Frames dropped because a stage was busy", "dropped", () => (stats() ? dropped(stats()) : "–"), "desk roomy"),
    meter("Memory in use: the GPU's, or without one the engine's", "GB", () => memory(stats()), "desk roomy"),
  ];
}

/** @param {number | undefined} ms */
const round = (ms) => (ms === undefined || ms === null ? "–" : ms < 9.95 ? ms.toFixed(1) : String(Math.round(ms)));

/** @param {any} stats */
const dropped = (stats) => Object.values(stats?.stages ?? {}).reduce((sum, stage) => sum + stage.dropped, 0);

/** @param {any} stats GPU memory where there is a GPU */
function memory(stats) {
  if (!stats) return "–";
  const { used_mb: used, total_mb: total } = stats.gpu ?? {};
  const gigabytes = (/** @type {number} */ mb) => (mb / 1024).toFixed(1);
  return used === undefined ? gigabytes(stats.memory_mb) : `${gigabytes(used)} / ${Math.round(total / 1024)}`;
}
