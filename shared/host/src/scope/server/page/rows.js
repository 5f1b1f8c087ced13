/** One row of a panel: label, control, value, and a dot that says what else moves it. */

import { assetPicker, imagesPicker } from "./pickers.js";
import { h } from "./dom.js";
import { effect } from "./signals.js";
import { newGesture, scrub, slider } from "./slider.js";
import { stepsEditor } from "./steps.js";
import { clamped, parsed, same, shown } from "./values.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./slider.js").Access} Access */

/** Characters that a label has room for in any case. */
const LONG_LABEL = 24;

let count = 0;

/**
 * @param {Field} field @param {Access} access
 * @param {HTMLElement | null} [fold] a button that opens the rest of the group, before the label
 */
export function row(field, access, fold = null) {
  const id = `field-${++count}`;
  const control = CONTROLS[field.kind](field, access, id);
  const label = h(
    "label",
    { class: "label", for: id, title: field.label.length > LONG_LABEL ? field.label : "" },
    field.label,
    field.load && h("span", { class: "sr" }, " (load setting)"),
  );
  if (field.kind === "slider" || field.kind === "number") scrub(label, field, access);
  const moved = () => access.movers().map((mover) => mover.words);
  const dot = h("button", {
    type: "button",
    class: () => `dot ${access.movers()[0]?.kind ?? ""}`,
    title: () => moved().join(", "),
    "aria-label": () =>
      `Options of ${field.label}${access.changed() ? ", changed" : ""}${moved().length ? `, moved by ${moved().join(", ")}` : ""}`,
    "aria-haspopup": "dialog",
    onclick: () => access.open(dot),
  });
  return h(
    "div",
    {
      class: () =>
        `row kind-${field.kind}${access.changed() ? " set" : ""}${field.load ? " load" : ""}${access.refused() ? " bad" : ""}${access.isMapped() ? " padded" : ""}`,
      "data-field": field.name,
      "data-help": field.help,
    },
    fold ? h("span", { class: "name" }, fold, label) : label,
    control,
    access.pad,
    dot,
    () => access.refused() && h("p", { class: "refused", role: "alert" }, access.refused()),
  );
}

/** @type {Record<Field["kind"], (field: Field, access: Access, id: string) => HTMLElement | HTMLElement[]>} */
const CONTROLS = {
  toggle: (field, access, id) => toggle(access, id, field),
  menu: (field, access, id) => menu(field, access, id),
  slider: (field, access, id) => [
    described(slider(field, access, id), field),
    valueBox(field, access, `${field.label}, value`),
  ],
  number: (field, access, id) => numberBox(field, access, id),
  text: (field, access, id) => textBox(field, access, id),
  list: (field, access, id) => valueBox(field, access, "", id),
  json: (field, access, id) => valueBox(field, access, "", id),
  steps: (field, access, id) => stepsEditor(field, access, id),
  image: (field, access, id) => assetPicker("image", field, access, id),
  audio: (field, access, id) => assetPicker("audio", field, access, id),
  images: (field, access, id) => imagesPicker(field, access, id),
};

/** @template {HTMLElement} T @param {T} element @param {Field} field @returns {T} */
function described(element, field) {
  if (field.help) element.setAttribute("aria-description", field.help);
  return element;
}

/** @param {Access} access @param {string} id @param {Field} field */
function toggle(access, id, field) {
  return described(
    h("input", {
      type: "checkbox",
      role: "switch",
      class: "switch",
      id,
      checked: () => access.value() === true,
      onchange: (/** @type {Event} */ event) =>
        access.set(/** @type {HTMLInputElement} */ (event.target).checked, newGesture()),
    }),
    field,
  );
}

/** @param {Field} field @param {Access} access @param {string} id */
function menu(field, access, id) {
  const select = h("select", { id, class: "wide" });
  for (const [at, option] of field.options.entries()) select.append(new Option(option.label, String(at)));
  effect(() => {
    select.selectedIndex = field.options.findIndex((option) => same(option.value, access.value()));
  });
  effect(() => {
    const chosen = field.options.find((option) => same(option.value, access.chosen()));
    for (const [at, option] of field.options.entries()) {
      const own = chosen && chosen !== option && same(option.value, access.value());
      select.options[at].text = own ? `${option.label}: ${chosen.label}` : option.label;
    }
  });
  select.addEventListener("change", () => access.set(field.options[select.selectedIndex].value, newGesture()));
  select.addEventListener("keydown", (event) => event.key === "Delete" && access.reset());
  return described(select, field);
}

/**
 * A box to type a value in: taken on Enter and when it is left, given up on Escape.
 * @param {Field} field @param {Access} access @param {string} label for boxes beside another control @param {string} [id]
 */
function valueBox(field, access, label, id = "") {
  const box = h("input", { type: "text", class: id ? "value wide" : "value", autocomplete: "off", spellcheck: false });
  if (id) box.id = id;
  if (label) box.setAttribute("aria-label", label);
  if (field.kind === "slider" || field.kind === "number") box.inputMode = "decimal";
  if (field.nullable) box.placeholder = "auto";
  effect(() => {
    const text = shown(field, access.value());
    if (document.activeElement !== box || !box.classList.contains("typing")) box.value = text;
  });
  const settle = (/** @type {boolean} */ take) => {
    const result = take && box.classList.contains("typing") ? parsed(field, box.value) : null;
    box.classList.remove("typing");
    box.setCustomValidity(result && "error" in result ? result.error : "");
    if (result && "error" in result) box.reportValidity();
    else if (result) access.set(result.value, newGesture());
    box.value = shown(field, access.value());
  };
  box.addEventListener("input", () => box.classList.add("typing"));
  box.addEventListener("focus", () => box.select());
  box.addEventListener("blur", () => settle(true));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") settle(event.key === "Enter");
  });
  return described(box, field);
}

/** @param {Field} field @param {Access} access @param {string} id a box whose arrows step */
function numberBox(field, access, id) {
  const box = valueBox(field, access, "", id);
  box.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    event.preventDefault();
    event.stopPropagation();
    access.set(clamped(field, Number(access.value() ?? 0) + steps * field.step), newGesture());
  });
  return box;
}

/** @param {Field} field @param {Access} access @param {string} id text that is taken while it is typed; one visit is one undo step */
function textBox(field, access, id) {
  const box = h("input", { type: "text", class: "wide text", id, autocomplete: "off" });
  let gesture = "";
  effect(() => {
    const text = String(access.value() ?? "");
    if (document.activeElement !== box) box.value = text;
  });
  box.addEventListener("focus", () => (gesture = newGesture()));
  box.addEventListener("input", () => access.set(box.value === "" && field.nullable ? null : box.value, gesture));
  return described(box, field);
}
