/** Dialogs, menus and short notices. Focus goes in when they open and back when they close: the browser sees to it. */

import { append, h, iconButton } from "./dom.js";
import { root } from "./signals.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @param {string} title
 * @param {(close: () => void) => { body: Child[], foot?: Child[] }} build its effects end with the dialog
 * @returns {HTMLDialogElement} gone from the page when it closes
 */
export function openDialog(title, build) {
  const dialog = h("dialog", { "aria-label": title });
  const close = () => dialog.close();
  const end = root(() => {
    const { body, foot } = build(close);
    append(dialog, [
      h("header", {}, h("h2", {}, title), iconButton("close", "Close", close)),
      h("div", { class: "body" }, ...body),
      foot && h("footer", {}, ...foot),
    ]);
  });
  dialog.addEventListener("close", () => {
    end();
    dialog.remove();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  letScroll(dialog);
  return dialog;
}

/** Text alone takes the focus, so that the arrow keys scroll it. @param {HTMLDialogElement} dialog */
function letScroll(dialog) {
  const body = /** @type {HTMLElement} */ (dialog.querySelector(".body"));
  if (!body.querySelector("button, a, input, select, textarea")) body.tabIndex = 0;
}

/**
 * @param {string} question @param {string} verb the button that says yes; red where it deletes
 * @returns {Promise<boolean>}
 */
export function confirmed(question, verb) {
  const look = verb === "Delete" ? "primary deletes" : "primary";
  return new Promise((resolve) => {
    const dialog = openDialog(question, (close) => ({
      body: [],
      foot: [
        h("span", { class: "grow" }),
        h("button", { type: "button", autofocus: true, onclick: close }, "Cancel"),
        h("button", { type: "button", class: look, onclick: () => (resolve(true), close()) }, verb),
      ],
    }));
    dialog.addEventListener("close", () => resolve(false));
  });
}

/**
 * @param {string} question @param {string} example what an answer looks like @param {string} [now] what it replaces
 * @returns {Promise<string | null>} what was typed; null when it was closed
 */
export function answered(question, example, now = "") {
  return new Promise((resolve) => {
    const dialog = openDialog(question, (close) => {
      const input = h("input", {
        class: "text",
        type: "text",
        "aria-label": question,
        placeholder: example,
        value: now,
        autofocus: true,
        onfocus: () => input.select(),
      });
      const submit = (/** @type {Event} */ event) => (
        event.preventDefault(),
        resolve(input.value.trim() || null),
        close()
      );
      return {
        body: [h("form", { class: "install", onsubmit: submit }, input, h("button", { class: "primary" }, "Use"))],
      };
    });
    dialog.addEventListener("close", () => resolve(null));
  });
}

/**
 * @param {HTMLElement} anchor the button it hangs from
 * @param {{ label: string, icon?: SVGElement, disabled?: boolean, run: () => void }[]} items
 */
export function openMenu(anchor, items) {
  const menu = openPopover(anchor, "menu", "", (close) =>
    items.map(({ label, icon, disabled, run }) => {
      const pick = () => (close(), run());
      return h("button", { type: "button", role: "menuitem", disabled: disabled ?? false, onclick: pick }, icon, label);
    }),
  );
  menu.addEventListener("keydown", (event) => walk(menu, event));
}

const HOLD_MS = 500;

/**
 * What a right click or a long touch opens. Some touch screens say nothing of a long touch but its beginning and end, and
 * its end closes what has opened meanwhile: so it opens then.
 * @param {HTMLElement} button @param {() => void} open
 */
export function onHold(button, open) {
  let since = NaN;
  const isHeld = () => performance.now() - since > HOLD_MS;
  button.addEventListener("pointerdown", (event) => {
    since = event.pointerType === "touch" ? performance.now() : NaN;
  });
  button.addEventListener("pointercancel", () => (since = NaN));
  button.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    if (Number.isNaN(since)) open();
  });
  button.addEventListener("pointerup", () => isHeld() && setTimeout(open));
  button.addEventListener("click", (event) => event.detail && isHeld() && event.stopImmediatePropagation(), true);
}

/**
 * @param {HTMLElement} anchor the button it hangs from
 * @param {"menu" | "dialog"} role @param {string} label "" for a menu: its button names it
 * @param {(close: () => void) => Child[]} build its effects end when it closes
 */
export function openPopover(anchor, role, label, build) {
  const box = h("div", {
    class: role === "menu" ? "menu" : "menu panelet",
    popover: "auto",
    role,
    "aria-label": label || null,
  });
  const end = root(() =>
    append(
      box,
      build(() => box.hidePopover()),
    ),
  );
  const gone = (/** @type {any} */ event) => event.newState === "closed" && (end(), box.remove(), anchor.focus());
  box.addEventListener("toggle", gone);
  document.body.append(box);
  box.showPopover();
  place(box, anchor.getBoundingClientRect());
  /** @type {HTMLElement | null} */ (box.querySelector(":is(button, select, input):not(:disabled)"))?.focus();
  return box;
}

/** @param {HTMLElement} menu @param {DOMRect} at */
function place(menu, at) {
  const box = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - box.width - 8));
  const below = at.bottom + box.height + 8 < innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - box.height - 4)}px`;
}

/** @param {HTMLElement} menu @param {KeyboardEvent} event */
function walk(menu, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...menu.querySelectorAll("button:not(:disabled)")];
  const at = buttons.indexOf(/** @type {Element} */ (document.activeElement));
  /** @type {HTMLElement} */ (buttons[(at + step + buttons.length) % buttons.length])?.focus();
}

const SHOWN_MS = 5000;
/** @type {HTMLElement | null} */
let toast = null;
let toastTimer = 0;

/** @param {string} sentence @param {Child} [link] */
export function say(sentence, link) {
  toast ??= document.body.appendChild(h("div", { class: "toast", role: "status", popover: "manual" }));
  toast.replaceChildren();
  append(toast, [sentence, link ? " " : null, link]);
  toast.hidePopover();
  toast.showPopover();
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast?.hidePopover(), SHOWN_MS);
}
