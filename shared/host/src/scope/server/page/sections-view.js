/** All groups of a panel's tab under their sections' titles. Long panels can be searched, or show only what is in use. */

import { h, icon } from "./dom.js";
import { groupView, isUsed } from "./groups-view.js";
import { fieldHas, isCalled, sectioned } from "./groups.js";
import { computed, signal } from "./signals.js";

/** @typedef {import("./groups.js").Group} Group */
/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./groups-view.js").Context} Context */
/** @typedef {{ words: import("./signals.js").Signal<string>, used: import("./signals.js").Signal<boolean> }} Filter */

/** A panel with fewer groups can be seen at a glance. */
const LONG = 10;

/** @returns {Filter} that lets everything through; it outlives the controls, which are drawn anew when their pipeline changes */
export const newFilter = () => ({ words: signal(""), used: signal(false) });

/** @param {Group[]} groups @param {Context} context @param {string[]} pinned keys of groups @param {Filter} filter */
export function sectionsView(groups, context, pinned, filter) {
  const isLong = groups.length >= LONG;
  const narrow = isLong ? filter : newFilter();
  const shows = filtered(narrow, context);
  return [
    isLong && tools(groups, narrow, context),
    sectioned(groups, pinned).map((section) => sectionView(section, context, narrow, shows)),
    () => isLong && !groups.some(shows) && h("p", { class: "about" }, nothing(narrow)),
  ];
}

/** @param {Filter} filter */
function nothing({ words }) {
  return words.value ? `No control has “${words.value}” in its name.` : "Nothing is in use yet: move an amount.";
}

/**
 * What the filter lets through. What was in use stays while only that is shown: an amount that is dragged to 0 does not vanish
 * under the hand.
 * @param {Filter} filter @param {Context} context
 */
function filtered({ words, used }, context) {
  const kept = new Set();
  return (/** @type {Group} */ group) => {
    if (!used.value) kept.clear();
    else if (isUsed(group, context)) kept.add(group.key);
    return (!used.value || kept.has(group.key)) && says(group, words.value);
  };
}

/** @param {Group} group @param {string} words */
const says = (group, words) => isCalled(group, words) || group.fields.some((field) => fieldHas(field, words));

/** @param {Group[]} groups @param {Filter} filter @param {Context} context */
function tools(groups, { words, used }, context) {
  const count = computed(() => groups.filter((group) => isUsed(group, context)).length);
  const search = h("input", {
    type: "search",
    class: "find",
    placeholder: "Find a control",
    "aria-label": "Find a control",
    "aria-keyshortcuts": "/",
    spellcheck: false,
    value: words.peek(),
    oninput: () => (words.value = search.value.trim()),
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !search.value) return;
    event.stopPropagation();
    search.value = words.value = "";
  });
  return h(
    "div",
    { class: "panel-tools" },
    h("span", { class: "find-box" }, icon("find"), search),
    h(
      "button",
      {
        type: "button",
        class: "chip",
        title: "Show only what is in use",
        "aria-pressed": () => String(used.value),
        onclick: () => (used.value = !used.peek()),
      },
      "In use",
      h("b", { class: "num" }, () => count.value),
    ),
  );
}

/** @param {import("./groups.js").Section} section @param {Context} context @param {Filter} filter @param {(group: Group) => boolean} shows */
function sectionView({ title, groups }, context, { words, used }, shows) {
  const key = `${context.stage}//${title}`;
  const open = signal(context.folds.get(key) ?? true);
  const narrowed = () => words.value !== "" || used.value;
  const isOpen = computed(() => open.value || narrowed());
  const count = computed(() => groups.filter((group) => isUsed(group, context)).length);
  const flip = () => context.folds.set(key, (open.value = !open.peek()));
  const body = groups.map((group) => {
    const sought = computed(() => (isCalled(group, words.value) ? "" : words.value));
    const wanted = () => (sought.value ? (/** @type {Field} */ field) => fieldHas(field, sought.value) : null);
    const on = computed(() => Boolean(group.title && group.head) && isUsed(group, context));
    return h(
      "div",
      { class: () => `group${on.value ? " used" : ""}`, hidden: () => !isOpen.value || !shows(group) },
      groupView(group, context, wanted),
    );
  });
  if (!title) return body;
  const heading = h(
    "h3",
    { class: "section", hidden: () => !groups.some(shows) },
    h(
      "button",
      { type: "button", "aria-expanded": () => String(isOpen.value), disabled: narrowed, onclick: flip },
      h("span", { class: "fold" }),
      title,
      h("span", { class: "count num" }, () => (count.value ? `${count.value} in use` : "")),
    ),
  );
  return [heading, ...body];
}
