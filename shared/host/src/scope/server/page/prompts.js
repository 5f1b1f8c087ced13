/** Prompts with weights, and how a new one takes over. */

import { each, h, iconButton } from "./dom.js";
import { computed, effect, signal } from "./signals.js";
import { newGesture } from "./slider.js";
import { same } from "./values.js";

/** @typedef {import("./document.js").Prompt} Prompt */

const MOST = 16;

/** @param {import("./show.js").Show} show @param {import("./edit.js").Edit} edit */
export function promptEditor(show, edit) {
  const { prompts, put } = sharedPrompts(show, edit);
  const change = (/** @type {number} */ at, /** @type {Partial<Prompt>} */ part, /** @type {string} */ gesture) =>
    put(
      prompts.peek().map((prompt, index) => (index === at ? { ...prompt, ...part } : prompt)),
      gesture,
    );
  const remove = (/** @type {number} */ at) =>
    put(
      prompts.peek().filter((_, index) => index !== at),
      newGesture(),
    );
  const alone = computed(() => prompts.value.length === 1);
  const list = h("div", {});
  each(
    list,
    () => prompts.value.map((prompt, at) => ({ prompt, at, alone: prompts.value.length === 1 })),
    ({ at }) => String(at),
    (item) =>
      h(
        "div",
        { class: "prompt" },
        promptText(item, (text, gesture) => change(item.peek().at, { text }, gesture)),
        () => !alone.value && weight(item, change, () => remove(item.peek().at)),
      ),
  );
  const add = () => put([...prompts.peek(), { text: "", weight: 1 }], newGesture());
  const full = () => prompts.value.length >= MOST;
  return h(
    "section",
    { class: "prompts", "aria-label": "Prompts" },
    list,
    h(
      "div",
      { class: "foot-line" },
      iconButton("add", "Blend another prompt in", add, { disabled: full }),
      h("span", { class: "grow" }),
      transition(show, edit),
    ),
  );
}

/**
 * The document's prompts, or those on their way to it.
 * @param {import("./show.js").Show} show @param {import("./edit.js").Edit} edit
 */
function sharedPrompts(show, edit) {
  const onTheirWay = signal(/** @type {Prompt[] | null} */ (null));
  const ofDocument = computed(() => show.setup.value.prompts, same);
  const prompts = computed(() => {
    const now = onTheirWay.value ?? ofDocument.value;
    return now.length ? now : [{ text: "", weight: 1 }];
  }, same);
  effect(() => {
    if (same(ofDocument.value, onTheirWay.peek()) || show.connection.value !== "open") onTheirWay.value = null;
  });
  const put = (/** @type {Prompt[]} */ next, /** @type {string} */ gesture) => {
    onTheirWay.value = next;
    edit.prompts(next, gesture);
  };
  return { prompts, put };
}

/** @typedef {import("./signals.js").Signal<{ prompt: Prompt, at: number, alone: boolean }>} Item */

/** @param {Item} item @param {(text: string, gesture: string) => void} put taken on Enter and when the box is left */
function promptText(item, put) {
  const box = h("textarea", {
    rows: 2,
    placeholder: "Describe the picture",
    "aria-label": () => (item.value.alone ? "Prompt" : `Prompt ${item.value.at + 1}`),
    spellcheck: false,
  });
  effect(() => {
    if (document.activeElement !== box) box.value = item.value.prompt.text;
  });
  const take = () => box.value !== item.peek().prompt.text && put(box.value, newGesture());
  box.addEventListener("blur", take);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      take();
    } else if (event.key === "Escape") box.value = item.peek().prompt.text;
  });
  return box;
}

/** @param {Item} item @param {(at: number, change: Partial<Prompt>, gesture: string) => void} put @param {() => void} remove */
function weight(item, put, remove) {
  let gesture = "";
  const { at } = item.peek();
  const value = () => item.value.prompt.weight;
  return h(
    "div",
    { class: "weight" },
    "Weight",
    h("input", {
      type: "range",
      min: "0",
      max: () => String(Math.max(2, value())),
      step: "0.01",
      value: () => String(value()),
      "aria-label": `Weight of prompt ${at + 1}`,
      style: { "--from": "-1", "--to": () => String(value() / Math.max(2, value())) },
      oninput: (/** @type {Event} */ event) =>
        put(at, { weight: Number(/** @type {HTMLInputElement} */ (event.target).value) }, (gesture ||= newGesture())),
      onchange: () => (gesture = ""),
    }),
    h("span", { class: "num" }, () => value().toFixed(2)),
    iconButton("close", `Remove prompt ${at + 1}`, remove),
  );
}

/** @param {import("./show.js").Show} show @param {import("./edit.js").Edit} edit */
function transition(show, edit) {
  const now = () => show.setup.value.transition;
  const put = (/** @type {object} */ change) =>
    edit.patch([{ op: "replace", path: "/transition", value: { ...now(), ...change } }], "Transition");
  const steps = h("select", { "aria-label": "Transition", title: "How many calls a new prompt takes to fade in" });
  for (const count of [0, 2, 4, 8, 16, 32])
    steps.append(new Option(count ? `Over ${count} calls` : "At once", String(count)));
  effect(() => {
    const count = String(now().num_steps);
    if (![...steps.options].some((option) => option.value === count))
      steps.append(new Option(`Over ${count} calls`, count));
    steps.value = count;
  });
  steps.addEventListener("change", () => put({ num_steps: Number(steps.value) }));
  const method = h("select", {
    "aria-label": "Blend",
    title: "How embeddings are blended: along an arc or a line",
    hidden: () => now().num_steps === 0,
    onchange: (/** @type {Event} */ event) =>
      put({ temporal_interpolation_method: /** @type {HTMLSelectElement} */ (event.target).value }),
  });
  method.append(new Option("Arc", "slerp"), new Option("Line", "linear"));
  effect(() => {
    method.value = now().temporal_interpolation_method;
  });
  return ["New prompt", steps, method];
}
