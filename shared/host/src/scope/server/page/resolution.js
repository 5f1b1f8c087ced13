/** Width and height in one control: two boxes and a menu of common sizes. */

import { accessOf } from "./access.js";
import { h } from "./dom.js";
import { newGesture } from "./slider.js";
import { parsed, shown } from "./values.js";

/** @typedef {import("./fields.js").Field} Field */

const SIZES = [
  [512, 512],
  [576, 320],
  [832, 480],
  [480, 832],
  [1024, 576],
  [1280, 720],
  [1920, 1080],
];

/** @param {Field} width @param {Field} height @param {import("./access.js").Context} context */
export function resolution(width, height, context) {
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
    h("option", { value: "" }, "Custom"),
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
