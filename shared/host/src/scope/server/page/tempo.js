/** The show's clock in the bar: its tempo, its beats as lights, and its settings. */

import { openPopover } from "./dialogs.js";
import { h } from "./dom.js";
import { menu } from "./follow.js";
import { computed, effect, onCleanup } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */

const SOURCES = { off: "Off", internal: "Internal", midi: "MIDI clock", link: "Ableton Link" };
const START_STOP = { alone: "By itself", together: "With the Link session" };
const QUANTIZE = { off: "Off", beat: "To the beat", bar: "To the bar" };

/** @param {Show} show @param {Edit} edit @param {string} look */
export function tempoButton(show, edit, look) {
  const words = () => (show.clock.value ? `${show.clock.value.bpm.toFixed(1)} BPM` : "Tempo");
  const button = h(
    "button",
    { type: "button", ...clockLook(show, look, "Tempo; T taps"), onclick: () => openTempo(button, show, edit) },
    words,
  );
  return button;
}

/** A button of the clock, marked while a switch waits for the beat. @param {Show} show @param {string} look @param {string} title */
export function clockLook(show, look, title) {
  const waits = () => show.state.value.waits;
  return {
    class: () => (waits() ? `${look} waits` : look),
    title: () => (waits() ? `A switch waits for the next ${show.setup.value.tempo.quantize}` : title),
  };
}

/** @param {Show} show the beats as lights, while there is a clock */
export function tempoLights(show) {
  const isOn = computed(() => show.clock.value !== null);
  return () => isOn.value && beatLights(show);
}

/** @param {Show} show one light for each beat of a bar; the present one is on */
function beatLights(show) {
  const lights = computed(() => show.clock.value?.beats_per_bar ?? 4);
  const row = h("span", { class: "beats desk roomy", "aria-hidden": "true" }, () =>
    Array.from({ length: lights.value }, () => h("i", {})),
  );
  let frame = 0;
  const draw = () => {
    const beat = Math.floor(beatsNow(show) ?? 0);
    [...row.children].forEach((light, at) =>
      light.classList.toggle("on", at === ((beat % lights.peek()) + lights.peek()) % lights.peek()),
    );
    frame = requestAnimationFrame(draw);
  };
  draw();
  onCleanup(() => cancelAnimationFrame(frame));
  return row;
}

/** @param {Show} show @returns {number | null} beats since the clock began */
export function beatsNow(show) {
  const clock = show.clock.peek();
  if (!clock) return null;
  return clock.beats + (clock.playing ? ((performance.now() - clock.at) / 60_000) * clock.bpm : 0);
}

/** Taps the beat; the first tap starts a clock. @param {Show} show @param {Edit} edit */
export async function tap(show, edit) {
  if (show.setup.peek().tempo.source === "off") await put(edit, "source", "internal");
  edit.send({ tempo: { tap: true } });
}

/** @param {Edit} edit @param {string} name @param {any} value */
const put = (edit, name, value) => edit.patch([{ op: "replace", path: `/tempo/${name}`, value }], `Tempo: ${name}`);

/** @param {HTMLElement} anchor @param {Show} show @param {Edit} edit */
function openTempo(anchor, show, edit) {
  openPopover(anchor, "dialog", "Tempo", () => {
    const tempo = () => show.setup.value.tempo;
    const isOff = () => tempo().source === "off";
    const bpm = h("input", {
      type: "number",
      class: "text",
      min: "20",
      max: "300",
      step: "0.1",
      "aria-label": "Beats per minute",
    });
    effect(() => {
      bpm.value = (show.clock.value?.bpm ?? tempo().bpm).toFixed(1);
    });
    bpm.addEventListener("change", () => bpm.checkValidity() && put(edit, "bpm", Number(bpm.value)));
    const bars = [2, 3, 4, 5, 6, 7, 8].map((count) => /** @type {const} */ ([String(count), `${count} beats`]));
    return [
      menu(
        "Clock",
        Object.entries(SOURCES),
        () => tempo().source,
        (source) => put(edit, "source", source),
      ),
      h("label", { class: "follow-row" }, h("span", { class: "quiet" }, "BPM"), bpm),
      menu(
        "Bar",
        bars,
        () => String(tempo().beats_per_bar),
        (count) => put(edit, "beats_per_bar", Number(count)),
      ),
      menu(
        "Quantize",
        Object.entries(QUANTIZE),
        () => tempo().quantize,
        (quantize) => put(edit, "quantize", quantize),
      ),
      h(
        "div",
        { hidden: () => tempo().source !== "link" },
        menu(
          "Start and stop",
          Object.entries(START_STOP),
          () => (tempo().start_stop ? "together" : "alone"),
          (how) => put(edit, "start_stop", how === "together"),
        ),
      ),
      h(
        "div",
        { class: "pair" },
        h("button", { type: "button", class: "raised grow", onclick: () => tap(show, edit) }, "Tap"),
        h(
          "button",
          {
            type: "button",
            class: "raised grow",
            disabled: isOff,
            onclick: () => edit.send({ tempo: { downbeat: true } }),
          },
          "Restart the bar",
        ),
      ),
    ];
  });
}
