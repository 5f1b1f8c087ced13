/** One line of the cue list: which scene, how it fades in, and when the next one goes. */

import { UNITS } from "./cues.js";
import { h, iconButton } from "./dom.js";
import { effect } from "./signals.js";

/** @typedef {import("./cues.js").Cues} Cues */
/** @typedef {import("./document.js").Cue} Cue */

/** @param {Cues} cues @param {import("./signals.js").Signal<Cue>} cue */
export function cueRow(cues, cue) {
  const { id } = cue.peek();
  const number = () => cues.numberOf(id);
  const state = () => (cues.state().id === id ? " now" : cues.state().next === id ? " next" : "");
  const change = (/** @type {Partial<Cue>} */ values) => cues.change(id, values);
  return h(
    "li",
    { class: () => `cue${state()}`, "aria-current": () => (cues.state().id === id ? "step" : null) },
    h(
      "button",
      {
        type: "button",
        class: "num",
        title: "Go to this cue",
        "aria-label": () => `Go to cue ${number()}`,
        onclick: () => cues.do({ go: id }),
      },
      number,
    ),
    choice(
      () => `Scene of cue ${number()}`,
      () => sceneOptions(cues, cue.value),
      () => cue.value.scene,
      (scene) => change({ scene }),
    ),
    h(
      "label",
      { class: "cue-fade quiet" },
      "fades in",
      amount(
        () => `Fade of cue ${number()} in seconds; empty for the scene's own`,
        () => cue.value.fade,
        0,
        (fade) => change({ fade }),
        () => `${cues.fadeOf(cue.value)}`,
      ),
      "s,",
    ),
    choice(
      () => `What follows cue ${number()}`,
      () => [
        ["yes", "then after"],
        ["no", "then wait for Go"],
      ],
      () => (cue.value.follow ? "yes" : "no"),
      (value) => change({ follow: value === "yes" }),
    ),
    h(
      "span",
      { class: () => `after${cue.value.follow ? "" : " unused"}` },
      amount(
        () => `Time until the cue after ${number()}`,
        () => cue.value.wait,
        0.1,
        (wait) => wait !== null && change({ wait }),
      ),
      choice(
        () => `Unit of cue ${number()}`,
        () => Object.entries(UNITS),
        () => cue.value.unit,
        (unit) => change({ unit: /** @type {Cue["unit"]} */ (unit) }),
      ),
    ),
    h(
      "span",
      { class: "buttons" },
      iconButton("up", "Earlier", () => cues.move(id, -1), { disabled: () => number() <= 1 }),
      iconButton("down", "Later", () => cues.move(id, 1), { disabled: () => number() >= cues.items().length }),
      iconButton("bin", "Remove this cue", () => cues.remove(id)),
    ),
  );
}

/** @param {Cues} cues @param {Cue} cue @returns {[string, string][]} */
function sceneOptions(cues, cue) {
  const { scenes } = cues.show.setup.value;
  const all = scenes.map((scene) => /** @type {[string, string]} */ ([scene.id, scene.name]));
  return scenes.some((scene) => scene.id === cue.scene) ? all : [...all, [cue.scene, "scene is gone"]];
}

/** @param {() => string} label @param {() => (readonly string[])[]} options @param {() => string} now @param {(value: string) => void} put */
function choice(label, options, now, put) {
  const select = h("select", { "aria-label": label, onchange: () => put(select.value) });
  effect(() => {
    select.replaceChildren(...options().map(([value, words]) => new Option(words, value)));
    select.value = now();
  });
  return select;
}

/**
 * A box for a number.
 * @param {() => string} label @param {() => number | null} now @param {number} least @param {(value: number | null) => void} put
 * @param {() => string} [without] what holds while it is empty; without it, it may not be empty
 */
function amount(label, now, least, put, without) {
  const box = h("input", {
    type: "number",
    class: "text num",
    min: String(least),
    step: "any",
    required: !without,
    placeholder: without ?? "",
    "aria-label": label,
    value: () => String(now() ?? ""),
    onchange: () => (box.reportValidity() ? put(box.value === "" ? null : Number(box.value)) : undefined),
  });
  return box;
}
