/** Groups of controls: an effect's amount with the rest behind it, a titled group, or a larger widget. */

import { accessOf } from "./access.js";
import { h } from "./dom.js";
import { loraList } from "./lora.js";
import { row } from "./rows.js";
import { followers } from "./follow.js";
import { computed, signal, untracked } from "./signals.js";
import { newGesture } from "./slider.js";
import { isActive, parsed, same, shown } from "./values.js";

/** @typedef {import("./groups.js").Group} Group */
/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./access.js").Context & { folds: Map<string, boolean> }} Context */

/**
 * @param {Group} group @param {Context} context
 * @param {() => ((field: Field) => boolean) | null} sought open, and with these fields only: they were looked for; null for all
 * @returns {(HTMLElement | (() => any))[]}
 */
export function groupView(group, context, sought = () => null) {
  const draw = (/** @type {Field} */ field) => row(field, accessOf(context, field));
  if (!group.title) return group.head ? [draw(group.head)] : [];
  if (group.component) return componentView(group, context, draw);
  const { open, flip } = foldOf(group, context, () => sought() !== null);
  const rest = () =>
    open.value && h("div", { class: "folded" }, group.fields.filter(sought() ?? (() => true)).map(draw));
  return [group.head ? headRow(group, context, open, flip) : titleRow(group, context, open, flip), rest];
}

/**
 * Folded by hand or not, else open while the amount does something. Controls do not fold away because they went back to
 * their defaults: a hand may be on them.
 * @param {Group} group @param {Context} context @param {() => boolean} forced
 */
function foldOf(group, context, forced) {
  const key = `${context.stage}/${group.key}`;
  const byHand = signal(context.folds.get(key));
  const changed = untracked(() => group.fields.some((field) => isChanged(field, context)));
  const open = computed(() => forced() || (byHand.value ?? (changed || isOn(group, context))));
  const flip = () => {
    byHand.value = !open.peek();
    context.folds.set(key, byHand.peek() ?? false);
  };
  return { open, flip };
}

/** @param {Group} group @param {Context} context @returns {boolean} whether its amount can be nothing, and is not */
function isOn({ head }, { show, stage }) {
  if (!head || (head.min ?? 0) > 0) return false;
  return isActive(show.value(stage, head)) || followers(show, stage, head.name) === "wave";
}

/** @param {Group} group @param {Context} context @returns {boolean} whether it takes part in the picture now, as far as its values say */
export function isUsed(group, context) {
  const { head, fields } = group;
  if (head && group.title) return isOn(group, context) || ((head.min ?? 0) > 0 && isChanged(head, context));
  return [...(head ? [head] : []), ...fields].some((field) => isChanged(field, context));
}

/** @param {Group} group @param {Context} context @param {(field: Field) => HTMLElement} draw */
function componentView(group, context, draw) {
  const rows = widget(group, context, draw);
  return rows.length === 1 ? rows : [h("div", { class: "title" }, h("h3", {}, group.title)), ...rows];
}

/** @param {Group} group @param {Context} context @param {import("./signals.js").Signal<boolean>} open @param {() => void} flip */
function headRow(group, context, open, flip) {
  const head = /** @type {Field} */ (group.head);
  const fold = h("button", {
    type: "button",
    class: "fold",
    "aria-expanded": () => String(open.value),
    "aria-label": `More of ${group.title}`,
    onclick: flip,
  });
  return row(head, accessOf(context, head), fold);
}

/** @param {Group} group @param {Context} context @param {import("./signals.js").Signal<boolean>} open @param {() => void} flip */
function titleRow(group, context, open, flip) {
  const changed = () => group.fields.filter((field) => isChanged(field, context)).length;
  return h(
    "div",
    { class: "title" },
    h(
      "button",
      { type: "button", class: "name", "aria-expanded": () => String(open.value), onclick: flip },
      h("span", { class: "fold" }),
      group.title,
    ),
    h("span", { class: "count" }, () => (changed() ? `${changed()} changed` : `${group.fields.length}`)),
  );
}

/** @param {Field} field @param {Context} context */
function isChanged(field, { show, stage }) {
  return !same(show.value(stage, field), show.initial(stage, field));
}

/** @param {Group} group @param {Context} context @param {(field: Field) => HTMLElement} draw @returns {HTMLElement[]} */
function widget(group, context, draw) {
  const named = (/** @type {string} */ name) => group.fields.find((field) => field.name === name);
  const [width, height] = [named("width"), named("height")];
  if (group.component === "resolution" && width && height) {
    const rest = group.fields.filter((field) => field !== width && field !== height);
    return [resolution(width, height, context), ...rest.map(draw)];
  }
  const rows = group.fields.map(draw);
  if (group.component === "lora") rows.unshift(loraList(context));
  if (group.component === "cache") rows.push(startAfresh(context));
  return rows;
}

/** @param {Context} context */
function startAfresh({ edit, stage }) {
  const button = h("button", { type: "button", class: "raised", onclick: () => edit.restart(stage) }, "Start afresh");
  return h(
    "div",
    { class: "row", "data-help": "Forget the pictures so far, once" },
    h("span", { class: "label" }, "Cache"),
    h("div", { class: "wide" }, button),
  );
}

const SIZES = [
  [512, 512],
  [576, 320],
  [832, 480],
  [480, 832],
  [1024, 576],
  [1280, 720],
  [1920, 1080],
];

/** @param {Field} width @param {Field} height @param {Context} context */
function resolution(width, height, context) {
  const [w, ht] = [accessOf(context, width), accessOf(context, height)];
  const put = (/** @type {number} */ x, /** @type {number} */ y) => {
    w.set(x, newGesture());
    ht.set(y, newGesture());
  };
  const fits = (/** @type {Field} */ field, /** @type {number} */ value) =>
    value >= (field.min ?? 1) && value <= (field.max ?? Infinity);
  const sizes = SIZES.filter(([x, y]) => fits(width, x) && fits(height, y));
  const menu = h(
    "select",
    {
      class: "wide",
      "aria-label": "Common sizes",
      onchange: () => menu.value && put(.../** @type {[number, number]} */ (menu.value.split("x").map(Number))),
      value: () => `${w.value()}x${ht.value()}`,
    },
    h("option", { value: "" }, "Own size"),
    sizes.map(([x, y]) => h("option", { value: `${x}x${y}` }, `${x} × ${y}`)),
  );
  queueMicrotask(() => (menu.value = `${w.value()}x${ht.value()}`));
  const boxes = h("div", { class: "wide pair" }, sizeBox(width, w), "×", sizeBox(height, ht));
  const reset = () => (w.reset(), ht.reset());
  const changed = () => w.changed() || ht.changed();
  const dot = h("button", {
    type: "button",
    class: "dot",
    "aria-label": "Reset the size",
    disabled: () => !changed(),
    onclick: reset,
  });
  const attributes = {
    class: () => `row${changed() ? " set" : ""}${width.load ? " load" : ""}`,
    "data-help": width.help,
  };
  return h(
    "div",
    {},
    h("div", { ...attributes }, h("span", { class: "label" }, "Size"), boxes, dot),
    h("div", { class: "row" }, h("span", { class: "label" }, ""), menu),
  );
}

/** @param {Field} field @param {import("./slider.js").Access} access */
function sizeBox(field, access) {
  const box = h("input", {
    type: "text",
    class: "value wide",
    inputmode: "numeric",
    "aria-label": field.label,
    "data-field": field.name,
    value: () => shown(field, access.value()),
  });
  box.addEventListener("change", () => {
    const result = parsed({ ...field, kind: "number" }, box.value);
    if ("value" in result) access.set(result.value, newGesture());
    box.value = shown(field, access.value());
  });
  return box;
}
