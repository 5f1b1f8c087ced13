/** What else moves a control: a wave on the beat or the sound, or a MIDI knob. Its dot says so and opens this. */

import { answered, openPopover } from "./dialogs.js";
import { h } from "./dom.js";
import { isMappable, midiTarget } from "./midi.js";
import { inputWords } from "./movers.js";
import { pointer } from "./patch.js";
import { computed, effect } from "./signals.js";
import { newGesture } from "./slider.js";
import { shown } from "./values.js";

/** @typedef {import("./access.js").Context} Context */
/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./document.js").Modulation} Modulation */

const WAVES = {
  "": "None",
  sine: "Sine",
  triangle: "Triangle",
  saw: "Saw",
  square: "Square",
  random: "Random",
  beat: "Beat",
  audio: "Sound",
};
const BANDS = { level: "Full range", bass: "Bass", low: "Low", mid: "Mid", high: "High", onset: "Onsets" };
/** Turns of a wave a beat. */
const RATES = /** @type {const} */ ([
  [0.0625, "every 4 bars of 4"],
  [0.125, "every 8 beats"],
  [0.25, "every 4 beats"],
  [0.5, "every 2 beats"],
  [1, "every beat"],
  [2, "twice a beat"],
  [4, "4 times a beat"],
]);

/** @param {HTMLElement} anchor @param {Context} context @param {Field} field @param {import("./slider.js").Access} access */
export function openFollow(anchor, context, field, access) {
  const pin = context.pin(field);
  openPopover(anchor, "dialog", field.label, (close) => [
    h("h3", {}, field.label),
    h(
      "div",
      { class: "pair" },
      h(
        "button",
        {
          type: "button",
          class: "raised grow",
          disabled: () => !access.changed(),
          onclick: () => (access.reset(), close()),
        },
        () => `Reset to ${shown(field, access.initial()) || "automatic"}`,
      ),
      pin &&
        h(
          "button",
          { type: "button", class: "raised", onclick: () => (close(), pin.flip()) },
          pin.on ? "Unpin" : "Pin to the top",
        ),
    ),
    field.kind === "slider" && !field.load && waveForm(context, field),
    isMappable(field) && midiForm(context, field),
    !field.load && oscLine(context, field, close),
  ]);
}

/** @param {Context} context @param {Field} field */
function waveForm({ show, edit, sound, stage }, field) {
  const at = computed(() =>
    show.setup.value.modulation.findIndex((one) => one.stage === stage && one.field === field.name),
  );
  const now = () => /** @type {Modulation | undefined} */ (show.setup.value.modulation[at.value]);
  const reach = Number(field.max) - Number(field.min);
  const fresh = { stage, field: field.name, wave: "sine", depth: reach / 4, rate: 0.25, phase: 0, band: null };
  const put = (/** @type {Partial<Modulation>} */ change, gesture = newGesture()) => {
    const there = at.peek() >= 0;
    const value = { ...(there ? show.setup.peek().modulation[at.peek()] : fresh), ...change };
    const step = there
      ? { op: "replace", path: pointer("modulation", at.peek()), value }
      : { op: "add", path: "/modulation/-", value };
    const clock = value.wave !== "audio" && show.setup.peek().tempo.source === "off";
    return edit.patch(
      [step, ...(clock ? [{ op: "replace", path: "/tempo/source", value: "internal" }] : [])],
      `Wave on ${field.name}`,
      gesture,
    );
  };
  const remove = () =>
    at.peek() >= 0 &&
    edit.patch([{ op: "remove", path: pointer("modulation", at.peek()) }], `No wave on ${field.name}`);
  const choose = (/** @type {string} */ wave) =>
    wave ? put({ wave, band: wave === "audio" ? (now()?.band ?? "bass") : null }) : remove();
  const isOn = computed(() => at.value >= 0);
  const isSound = computed(() => now()?.wave === "audio");
  return [
    menu("Wave", Object.entries(WAVES), () => now()?.wave ?? "", choose),
    () => isOn.value && depthRow(() => now()?.depth ?? 0, reach, field, put),
    () =>
      isOn.value &&
      !isSound.value &&
      menu(
        "Repeats",
        RATES,
        () => String(now()?.rate ?? 1),
        (rate) => put({ rate: Number(rate) }),
      ),
    () =>
      isSound.value &&
      menu(
        "Band",
        Object.entries(BANDS),
        () => now()?.band ?? "bass",
        (band) => put({ band }),
      ),
    () =>
      isSound.value &&
      !sound.running.value &&
      h("button", { type: "button", class: "raised", onclick: () => sound.start() }, "Listen to the microphone"),
  ];
}

/** @param {() => number} depth @param {number} reach @param {Field} field @param {(change: Partial<Modulation>, gesture?: string) => any} put */
function depthRow(depth, reach, field, put) {
  let gesture = "";
  const range = h("input", {
    type: "range",
    min: String(-reach),
    max: String(reach),
    step: String(field.step),
    "aria-label": "Depth",
    value: () => String(depth()),
    style: {
      "--from": () => String(0.5 + Math.min(0, depth()) / (2 * reach)),
      "--to": () => String(0.5 + Math.max(0, depth()) / (2 * reach)),
    },
    oninput: () => put({ depth: Number(range.value) }, (gesture ||= newGesture())),
    onchange: () => (gesture = ""),
  });
  return h(
    "div",
    { class: "follow-row" },
    h("span", { class: "quiet" }, "Depth"),
    range,
    h("span", { class: "num" }, () => depth().toFixed(2)),
  );
}

/** @param {string} label @param {Iterable<readonly [any, string]>} options @param {() => string} now @param {(value: string) => any} choose */
export function menu(label, options, now, choose) {
  const select = h("select", { "aria-label": label, onchange: () => choose(select.value) });
  for (const [value, words] of options) select.append(new Option(words, String(value)));
  effect(() => {
    select.value = now();
  });
  return h("label", { class: "follow-row" }, h("span", { class: "quiet" }, label), select);
}

/** @param {Context} context @param {Field} field */
function midiForm({ midi, stage }, field) {
  const target = midiTarget(stage, field);
  const input = () => midi.inputOf(target);
  const isLearning = () => midi.learning.value?.stage === stage && midi.learning.value?.field === field.name;
  return h(
    "div",
    { class: "follow-row" },
    h("span", { class: "quiet" }, "Input"),
    h("span", { class: "grow", role: "status" }, () =>
      isLearning() ? "Move a knob…" : input() ? inputWords(input()) : "None yet",
    ),
    h(
      "button",
      { type: "button", class: "raised", onclick: () => (isLearning() ? midi.giveUp() : midi.learn(target)) },
      () => (isLearning() ? "Cancel" : "Learn"),
    ),
    h("button", { type: "button", hidden: () => !input(), onclick: () => midi.forget(target) }, "Forget"),
  );
}

/** The address that always moves the field, and a way to let another one do it. @param {Context} context @param {Field} field @param {() => void} close */
function oscLine({ midi, stage }, field, close) {
  const own = `/scope/${stage}/${field.name}`;
  const ask = async () => {
    close();
    const address = await answered(`OSC address for ${field.label}`, "/fader/1");
    if (address) await midi.map(`osc:/${address.replace(/^\/+/, "")}`, midiTarget(stage, field));
  };
  return h(
    "div",
    { class: "follow-row" },
    h("span", { class: "quiet" }, "OSC"),
    h("code", { class: "address grow" }, own),
    isMappable(field) && h("button", { type: "button", class: "raised", onclick: ask }, "Other…"),
  );
}
