/** A slider that can be dragged finely, turned by the wheel when focused, and reset by double click or Delete. */

import { h } from "./dom.js";
import { effect } from "./signals.js";
import { shown, stepped } from "./values.js";

/** @typedef {import("./fields.js").Field} Field */
/**
 * What a control needs of the world: the value now, and ways to change it. One `gesture` makes one undo step.
 * @typedef {object} Access
 * @property {() => any} value read inside effects
 * @property {() => any} initial
 * @property {() => any} chosen what the pipeline took itself where the field leaves it the choice, else undefined
 * @property {(value: any, gesture: string) => void} set
 * @property {() => void} reset
 * @property {() => boolean} changed
 * @property {() => import("./movers.js").Mover[]} movers what else moves it
 * @property {() => boolean} isMapped whether a pad stands in its place now
 * @property {() => HTMLElement | false} pad what stands in the control's place while controls are mapped
 * @property {(anchor: HTMLElement) => void} open shows what can be done with it: reset, wave, MIDI
 * @property {() => string} refused why the last value was not taken, "" when it was
 */

const FINE = 10;
/** A fill that begins at the lower end begins at the track's end, not under the knob. */
const BEFORE_THE_START = -1;
let gestures = 0;
/** A name that no other gesture of any page has. */
export const newGesture = () => `${Math.random().toString(36).slice(2, 8)}-${++gestures}`;

/**
 * @param {Field} field @param {Access} access @param {string} id
 * @returns {HTMLInputElement}
 */
export function slider(field, access, id) {
  const [min, max] = [/** @type {number} */ (field.min), /** @type {number} */ (field.max)];
  const input = h("input", { type: "range", id, min: String(min), max: String(max), step: String(field.step) });
  let gesture = "";
  const number = () => Number(access.value() ?? access.initial() ?? min);
  const put = (/** @type {number} */ value) => access.set(stepped(field, value), (gesture ||= newGesture()));
  effect(() => paint(input, field, access, number()));
  input.addEventListener("input", () => put(Number(input.value)));
  input.addEventListener("change", () => (gesture = ""));
  input.addEventListener("dblclick", access.reset);
  input.addEventListener("keydown", (event) => {
    const steps = stepsOf(event, (max - min) / field.step);
    if (event.key === "Delete" || event.key === "Backspace") access.reset();
    else if (steps) put(number() + steps * field.step);
    else return;
    event.preventDefault();
  });
  input.addEventListener("keyup", () => (gesture = ""));
  input.addEventListener("wheel", (event) => turn(event), { passive: false });
  const turn = (/** @type {WheelEvent} */ event) => {
    if (document.activeElement !== input) return;
    event.preventDefault();
    put(number() - Math.sign(event.deltaY) * stepSize(event, (max - min) / field.step) * field.step);
    gesture = "";
  };
  draggable(input, { number, put, reach: max - min, min, done: () => (gesture = "") });
  return input;
}

/** @param {KeyboardEvent} event @param {number} all steps of the range */
function stepsOf(event, all) {
  const size = stepSize(event, all);
  const steps = { ArrowRight: size, ArrowLeft: -size, PageUp: 10 * size, PageDown: -10 * size }[event.key];
  return event.ctrlKey || event.metaKey || event.altKey ? 0 : (steps ?? 0);
}

/** A hundredth of the range, or one step with Shift. @param {KeyboardEvent | WheelEvent} event @param {number} all */
const stepSize = (event, all) => (event.shiftKey ? 1 : Math.max(1, Math.round(all / 100)));

/** @param {HTMLInputElement} input @param {Field} field @param {Access} access @param {number} value */
function paint(input, field, access, value) {
  const [min, max] = [Number(input.min), Number(input.max)];
  if (Number(input.value) !== value) input.value = String(value);
  const share = (/** @type {number} */ at) => Math.min(1, Math.max(0, (at - min) / (max - min || 1)));
  const initial = Number(access.initial() ?? min);
  const [from, to] = [share(initial > min && initial < max ? initial : min), share(value)];
  input.style.setProperty("--from", String(Math.min(from, to) || BEFORE_THE_START));
  input.style.setProperty("--to", String(Math.max(from, to)));
  input.setAttribute("aria-valuetext", access.value() === null ? "automatic" : shown(field, value));
}

/**
 * Mouse and pen drag from where the knob is; a click elsewhere on the track moves it there first. Shift divides by ten.
 * Touch is left to the browser, which tells a drag from a scroll.
 * @param {HTMLInputElement} input
 * @param {{ number: () => number, put: (value: number) => void, reach: number, min: number, done: () => void }} drag
 */
function draggable(input, { number, put, reach, min, done }) {
  input.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button !== 0 || input.disabled) return;
    event.preventDefault();
    input.focus({ preventScroll: true });
    const box = input.getBoundingClientRect();
    const knob = parseFloat(getComputedStyle(input).getPropertyValue("--knob")) || 12;
    const travel = box.width - knob;
    const at = (event.clientX - box.left - knob / 2) / travel;
    const near = Math.abs(at - (number() - min) / reach) * travel <= knob;
    let exact = near ? number() : min + at * reach;
    if (!near) put(exact);
    follow(
      input,
      event,
      (share) => {
        exact = Math.min(min + reach, Math.max(min, exact + (share / travel) * reach));
        put(exact);
      },
      done,
    );
  });
}

/**
 * Calls `moved` with the pixels to the right since the last call, a tenth of them with Shift, until the pointer is let go.
 * @param {HTMLElement} element @param {PointerEvent} down @param {(pixels: number) => void} moved @param {() => void} [done]
 */
function follow(element, down, moved, done = () => {}) {
  let x = down.clientX;
  element.setPointerCapture(down.pointerId);
  const move = (/** @type {PointerEvent} */ to) => {
    moved((to.clientX - x) / (to.shiftKey ? FINE : 1));
    x = to.clientX;
  };
  element.addEventListener("pointermove", move);
  const end = () => {
    element.removeEventListener("pointermove", move);
    done();
  };
  element.addEventListener("lostpointercapture", end, { once: true });
}

/** Pixels of a drag on a label for the whole range, or for one step of a number without one. */
const SCRUB_RANGE = 240;
const SCRUB_STEP = 4;

/**
 * A drag on the label of a number moves it, by mouse, pen and finger. A short press stays a press of the label.
 * @param {HTMLElement} label @param {Field} field @param {Access} access
 */
export function scrub(label, field, access) {
  const { min, max, step } = field;
  const bounded = min !== undefined && max !== undefined && field.kind === "slider";
  const pixel = bounded ? (max - min) / SCRUB_RANGE : step / SCRUB_STEP;
  let dragged = false;
  label.classList.add("scrub");
  label.addEventListener("click", (event) => dragged && event.preventDefault());
  label.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.button !== 0) return;
    const gesture = newGesture();
    const start = Number(access.value() ?? access.initial() ?? min ?? 0);
    let way = 0;
    follow(label, event, (pixels) => {
      way += pixels;
      dragged ||= Math.abs(way) > SCRUB_STEP;
      if (dragged) access.set(stepped(field, start + way * pixel), gesture);
    });
  });
}
