/** Denoising steps: a falling list of whole numbers, a slider each, held in order by their neighbours. */

import { h, iconButton } from "./dom.js";
import { computed } from "./signals.js";
import { newGesture } from "./slider.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./slider.js").Access} Access */

const HIGHEST = 1000;
const MOST = 12;

/** @param {Field} field @param {Access} access @param {string} id */
export function stepsEditor(field, access, id) {
  const steps = () => /** @type {number[]} */ (access.value() ?? []);
  const put = (/** @type {number[]} */ next, gesture = newGesture()) => access.set(next, gesture);
  let gesture = "";
  const one = (/** @type {number} */ at) =>
    h(
      "div",
      { class: "step" },
      h("input", {
        type: "range",
        id: at === 0 ? id : "",
        min: "0",
        max: String(HIGHEST),
        step: "1",
        "aria-label": `${field.label}, step ${at + 1}`,
        value: () => String(steps()[at] ?? 0),
        style: { "--from": "-1", "--to": () => String((steps()[at] ?? 0) / HIGHEST) },
        oninput: (/** @type {Event} */ event) =>
          put(
            moved(steps(), at, Number(/** @type {HTMLInputElement} */ (event.target).value)),
            (gesture ||= newGesture()),
          ),
        onchange: () => (gesture = ""),
      }),
      h("span", { class: "num" }, () => steps()[at] ?? ""),
    );
  const length = computed(() => steps().length);
  return h(
    "div",
    { class: "wide steps" },
    () => Array.from({ length: length.value }, (_, at) => one(at)),
    h(
      "div",
      { class: "buttons" },
      iconButton("add", "Add a step", () => put(lengthened(steps())), { disabled: () => length.value >= MOST }),
      iconButton("bin", "Remove the last step", () => put(steps().slice(0, -1)), { disabled: () => length.value <= 1 }),
    ),
  );
}

/**
 * @param {number[]} steps @param {number} at @param {number} value
 * @returns {number[]} the list with one step moved no further than its neighbours allow
 */
export function moved(steps, at, value) {
  const above = at === 0 ? HIGHEST : steps[at - 1] - 1;
  const below = at === steps.length - 1 ? 0 : steps[at + 1] + 1;
  return steps.map((old, index) => (index === at ? Math.max(below, Math.min(above, value)) : old));
}

/** @param {number[]} steps @returns {number[]} with one more, half way to zero */
export function lengthened(steps) {
  const last = steps.at(-1) ?? HIGHEST * 2;
  return last > 1 ? [...steps, Math.floor(last / 2)] : steps;
}
