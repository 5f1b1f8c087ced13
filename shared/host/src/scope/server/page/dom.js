/** Elements in plain code. A function given as a property or child is read again whenever its signals change. */

import { effect, onCleanup, root, signal, untracked } from "./signals.js";

/** @typedef {Node | string | number | null | undefined | false | (() => any) | any[]} Child */
/** @typedef {Record<string, any>} Props */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props] `on…` listeners, `style` as an object, `class`, DOM properties or attributes
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style")
      for (const [key, part] of Object.entries(value)) bind(part, (now) => style(element, key, now));
    else bind(value, (now) => assign(element, name, now));
  }
  append(element, children);
  return element;
}

/** @param {any} value @param {(now: any) => void} apply */
function bind(value, apply) {
  if (typeof value === "function") effect(() => apply(value()));
  else apply(value);
}

/** @param {HTMLElement} element @param {string} name @param {any} value */
function style(element, name, value) {
  element.style.setProperty(name, value);
}

/** @param {any} element @param {string} name @param {any} value */
function assign(element, name, value) {
  const property = name in element && !name.includes("-") && !["class", "role", "list", "form"].includes(name);
  if (property && typeof value !== "undefined") {
    element[name] = value;
  } else if (value === false && !name.startsWith("aria-")) element.removeAttribute(name);
  else if (value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? (name.startsWith("aria-") ? "true" : "") : String(value));
}

/** @param {ParentNode & Node} parent @param {Child[]} children */
export function append(parent, children) {
  for (const child of children.flat(9)) {
    if (typeof child === "function") changing(parent, child);
    else if (isShown(child))
      parent.append(/** @type {Node | string} */ (child instanceof Node ? child : String(child)));
  }
}

/** @param {any} child */
const isShown = (child) => child !== null && child !== undefined && child !== false;

/** @param {Node} parent @param {() => any} child what it returns stands between two comments */
function changing(parent, child) {
  const [start, end] = [document.createComment(""), document.createComment("")];
  parent.appendChild(start);
  parent.appendChild(end);
  effect(() => {
    const next = new DocumentFragment();
    append(next, [child()]);
    while (start.nextSibling !== end) /** @type {ChildNode} */ (start.nextSibling).remove();
    end.before(next);
  });
}

/**
 * Children that follow a list. An entry with a key that stays keeps its element, its focus and its scroll.
 * @template T
 * @param {HTMLElement} parent holds nothing else
 * @param {() => T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: import("./signals.js").Signal<T>) => HTMLElement} render called once a key
 */
export function each(parent, items, keyOf, render) {
  /** @type {Map<string, { item: import("./signals.js").Signal<T>, element: HTMLElement, end: () => void }>} */
  const rows = new Map();
  const add = (/** @type {T} */ one) => {
    const item = signal(one);
    let element = /** @type {HTMLElement | null} */ (null);
    const end = root(() => (element = render(item)));
    return { item, element: /** @type {HTMLElement} */ (/** @type {unknown} */ (element)), end };
  };
  const drop = (/** @type {string} */ key) => {
    rows.get(key)?.end();
    rows.get(key)?.element.remove();
    rows.delete(key);
  };
  effect(() => {
    const list = items();
    const keys = new Set(list.map(keyOf));
    for (const key of [...rows.keys()]) if (!keys.has(key)) drop(key);
    list.forEach((one, at) => {
      const key = keyOf(one);
      const row = rows.get(key) ?? untracked(() => add(one));
      rows.set(key, row);
      row.item.value = one;
      if (parent.children[at] !== row.element) parent.insertBefore(row.element, parent.children[at] ?? null);
    });
  });
  onCleanup(() => [...rows.keys()].forEach(drop));
}

/**
 * @param {string} name a key of PATHS
 * @returns {SVGElement} a drawing of 16 × 16, hidden from screen readers: its button has the name
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.setAttribute("class", `icon-${name}`);
  svg.append(path);
  return svg;
}

/** @type {Record<string, string>} */
const PATHS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  record: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
  camera: "M2 5h3l1-2h4l1 2h3v8H2zM8 6.2a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z",
  output: "M6 3H2v10h12V9M9 2h5v5M14 2 8 8",
  settings: "M2 5h7M13 5h1M2 11h1M7 11h7M11 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM5 9a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  compare: "M8 2v12M2 4h4v8H2zM14 4h-4v8h4z",
  find: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14",
  full: "M2 6V2h4M14 6V2h-4M2 10v4h4M14 10v4h-4",
  fit: "M1.5 3.5h13v9h-13zM5 6.5v3M11 6.5v3M8 7v.1M8 9v.1",
  undo: "M6 3 2 7l4 4M2 7h8a4 4 0 0 1 0 8",
  redo: "M10 3l4 4-4 4M14 7H6a4 4 0 0 0 0 8",
  dice: "M4.5 2h7A2.5 2.5 0 0 1 14 4.5v7a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 2 11.5v-7A2.5 2.5 0 0 1 4.5 2zM5.4 5.4v.1M10.6 5.4v.1M8 8v.1M5.4 10.6v.1M10.6 10.6v.1",
  add: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  left: "M10 3 5 8l5 5",
  right: "M6 3l5 5-5 5",
  up: "M3 10l5-5 5 5",
  down: "M3 6l5 5 5-5",
  stop: "M4 4h8v8H4z",
  bin: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 9h5.8l.6-9",
  help: "M6 6a2 2 0 1 1 3 1.7c-.7.4-1 .8-1 1.6M8 12v.1M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  reset: "M3 8a5 5 0 1 0 1.5-3.5L3 6M3 2.5V6h3.5",
  inset: "M1.5 3h13v10h-13zM4 8h4v3H4z",
  more: "M3.5 8v.1M8 8v.1M12.5 8v.1",
  download: "M8 3v8M5 8l3 3 3-3M2.5 11v2.5h11V11",
};

/**
 * @param {string} name an icon
 * @param {string} label what a screen reader says, shown as a tooltip too
 * @param {(event: MouseEvent) => void} onclick
 * @param {Props} [props]
 */
export function iconButton(name, label, onclick, props = {}) {
  return h(
    "button",
    { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...props },
    icon(name),
  );
}
