/** Groups of controls: an effect's amount with the rest behind it, a titled group, or a larger widget. */

import { accessOf } from "./access.js";
import { h } from "./dom.js";
import { loraList } from "./lora.js";
import { resolution } from "./resolution.js";
import { row } from "./rows.js";
import { computed, signal, untracked } from "./signals.js";
import { isActive, same } from "./values.js";

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

/** @param {Group} group @param {Context} context @returns {boolean} whether its amount, which is off by default, is not off */
function isOn({ head }, { show, stage }) {
  if (!head || isActive(show.initial(stage, head))) return false;
  const isIts = (/** @type {import("./document.js").Modulation} */ one) =>
    one.stage === stage && one.field === head.name;
  return isActive(show.value(stage, head)) || show.setup.value.modulation.some(isIts);
}

/** @param {Group} group @param {Context} context @returns {boolean} whether it takes part in the picture now, as far as its values say */
export function isUsed(group, context) {
  const { head, fields } = group;
  const isEffect = head && group.title && !isActive(context.show.initial(context.stage, head));
  if (isEffect) return isOn(group, context);
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
  const button = h(
    "button",
    { type: "button", class: "raised", onclick: () => edit.restart(stage) },
    "Clear the cache",
  );
  return h(
    "div",
    { class: "row", "data-help": "Forget the frames so far, once" },
    h("span", { class: "label" }, "Cache"),
    h("div", { class: "wide" }, button),
  );
}
