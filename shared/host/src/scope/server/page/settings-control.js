/** The page "Control" of the settings: what of the server's machine and of other programs moves the show. */

import * as api from "./api.js";
import { say } from "./dialogs.js";
import { h } from "./dom.js";
import { menu } from "./follow.js";
import { signal } from "./signals.js";

/** @typedef {{ devices: { name: string, opened: boolean }[], problem: string | null }} Devices */
/** @typedef {{ inputs: string[], listening: string | null, problem: string | null }} Inputs */

const tell = (/** @type {Error} */ error) => say(error.message);

/** @param {import("./show.js").Show} show */
export function controlPage(show) {
  return [oscPart(), midiPart(), soundPart(show)];
}

function oscPart() {
  const osc = signal(/** @type {any} */ (null));
  const refresh = () => api.get("/osc/status").then((answer) => (osc.value = answer), tell);
  void refresh();
  const flip = () => api.put("/osc", { enabled: !osc.peek()?.listening }).then((answer) => (osc.value = answer), tell);
  const heard = () => {
    const { listening, port, taken, refused, refused_messages: sentences } = osc.value ?? {};
    if (!osc.value) return "";
    if (!listening) return "Off: other programs cannot move the show by OSC.";
    const last = sentences.length ? ` Last refused: ${sentences.at(-1)}.` : "";
    return `UDP port ${port}: ${taken} messages accepted, ${refused} refused.${last}`;
  };
  return h(
    "div",
    { class: "block" },
    h(
      "div",
      { class: "setting" },
      h("label", { for: "setting-osc" }, "Listen to OSC"),
      h("input", {
        type: "checkbox",
        role: "switch",
        class: "switch",
        id: "setting-osc",
        checked: () => Boolean(osc.value?.listening),
        onchange: flip,
      }),
    ),
    h("p", { class: "quiet" }, heard),
    () => osc.value?.listening && h("button", { type: "button", class: "raised", onclick: refresh }, "Refresh"),
  );
}

function midiPart() {
  const midi = signal(/** @type {Devices | null} */ (null));
  const take = (/** @type {Devices} */ answer) => (midi.value = answer);
  const refresh = () => api.get("/midi").then(take, tell);
  void refresh();
  const flip = (/** @type {string} */ name) => {
    const open = (midi.peek()?.devices ?? []).filter((one) => one.opened !== (one.name === name));
    return api.put("/midi", { open: open.map((one) => one.name) }).then(take, tell);
  };
  return h(
    "section",
    { class: "block", "aria-label": "MIDI on the server" },
    h("h3", {}, "MIDI on the server"),
    h(
      "p",
      { class: "quiet" },
      () => sentence(midi.value?.problem) ?? "For shows without a page. Map finds the devices of this browser.",
    ),
    () => midi.value?.devices.map((device) => deviceRow(device, () => flip(device.name))),
    () =>
      midi.value &&
      !midi.value.problem &&
      h("button", { type: "button", class: "raised", onclick: refresh }, "Refresh"),
  );
}

/** @param {string | null | undefined} text with a capital and an end @returns {string | null} */
const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}` : null);

let count = 0;
/** @param {{ name: string, opened: boolean }} device @param {() => void} flip */
function deviceRow({ name, opened }, flip) {
  const id = `setting-midi-${++count}`;
  return h(
    "div",
    { class: "setting" },
    h("label", { for: id }, name),
    h("input", { type: "checkbox", role: "switch", class: "switch", id, checked: opened, onchange: flip }),
  );
}

/** @param {import("./show.js").Show} show */
function soundPart(show) {
  const sound = signal(/** @type {Inputs | null} */ (null));
  const take = (/** @type {Inputs} */ answer) => (sound.value = answer);
  api.get("/sound").then(take, tell);
  const listen = (/** @type {string} */ name) => api.put("/sound", { listen: name || null }).then(take, tell);
  const problem = () => show.state.value.sound?.problem ?? sound.value?.problem;
  const choices = () => [["", "Nothing"], ...(sound.value?.inputs ?? []).map((name) => [name, name])];
  return h(
    "section",
    { class: "block", "aria-label": "Audio on the server" },
    h("h3", {}, "Audio on the server"),
    h("p", { class: "quiet" }, () => sentence(problem()) ?? "Drives the controls whose wave is Sound."),
    () =>
      Boolean(sound.value?.inputs.length) &&
      menu("Listen to", /** @type {[string, string][]} */ (choices()), () => sound.value?.listening ?? "", listen),
  );
}
