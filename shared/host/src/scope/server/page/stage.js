/** The picture: output, input inset, comparison, and what is said over it while there is none. */

import { SOURCE_WORDS } from "./chain.js";
import { append, h, iconButton } from "./dom.js";
import { computed, effect, onCleanup, signal } from "./signals.js";
import { outputWays, View, widthOf } from "./view.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./capture.js").Capture} Capture */

const RESIZE_MS = 300;
const INSET_WIDTH = 320;
const INSET_FPS = 12;

/** How the picture is looked at. `compare`: a line between input and output, or the input alone while a key is held. */
export class Look {
  compare = signal(/** @type {"off" | "split" | "input"} */ ("off"));
  real = signal(false);
  black = signal(false);
  inset = signal(true);
}

/**
 * @param {HTMLElement} stage @param {Show} show @param {Capture} capture @param {Look} look
 * @returns {View} the view of the output
 */
export function stageView(stage, show, capture, look) {
  const canvas = h("canvas", {
    class: "out",
    width: 16,
    height: 9,
    role: "img",
    "aria-label": "Live output",
    hidden: () => look.black.value,
  });
  const width = () => (look.real.peek() ? 0 : widthOf(canvas));
  const view = new View(canvas, { stage: "out", width }, outputWays());
  const hasInput = computed(() => show.setup.value.source.kind !== "none");
  const hasStages = computed(() => show.setup.value.stages.length > 0);
  const compares = computed(() => hasInput.value && look.compare.value !== "off");
  const showsInset = computed(
    () => hasInput.value && hasStages.value && look.inset.value && look.compare.value === "off",
  );
  append(stage, [
    canvas,
    h("p", { class: "blackout", hidden: () => !look.black.value }, "Blacked out. Press X to bring the picture back."),
    () => compares.value && compared(stage, look),
    () => showsInset.value && inset(),
    tools(stage, look),
    notice(show, capture, view),
  ]);
  effect(() => {
    stage.classList.toggle("real", look.real.value);
    view.resized();
  });
  watch(view, stage);
  return view;
}

/**
 * Runs a view while the tab is visible and the surrounding effect lives.
 * @param {View} view @param {Element} [sized] the element whose size the view follows
 */
export function watch(view, sized) {
  const follow = () => (document.hidden ? view.stop() : view.start());
  document.addEventListener("visibilitychange", follow);
  let timer = 0;
  const sizes = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => document.hidden || view.resized(), RESIZE_MS);
  });
  if (sized) sizes.observe(sized);
  queueMicrotask(follow);
  onCleanup(() => {
    document.removeEventListener("visibilitychange", follow);
    sizes.disconnect();
    clearTimeout(timer);
    queueMicrotask(() => view.stop());
  });
}

function inset() {
  const canvas = h("canvas", { width: 16, height: 9, role: "img", "aria-label": "Live input" });
  watch(new View(canvas, { stage: "in", width: () => INSET_WIDTH, fps: INSET_FPS }));
  return h("figure", { class: "inset" }, canvas, h("figcaption", {}, "Input"));
}

/** @param {HTMLElement} stage @param {Look} look the input over the output, up to a line */
function compared(stage, look) {
  const canvas = h("canvas", {
    class: () => (look.compare.value === "split" ? "compared" : ""),
    width: 16,
    height: 9,
    role: "img",
    "aria-label": "Live input",
  });
  watch(new View(canvas, { stage: "in", width: () => widthOf(canvas) }), stage);
  const put = (/** @type {number} */ share) =>
    stage.style.setProperty("--split", `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`);
  const share = () => parseFloat(stage.style.getPropertyValue("--split") || "50") / 100;
  const handle = h("button", {
    type: "button",
    class: "split",
    "aria-label": "Line between input and output: arrow keys move it",
    hidden: () => look.compare.value !== "split",
  });
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => {
    const box = stage.getBoundingClientRect();
    if (handle.hasPointerCapture(event.pointerId)) put((event.clientX - box.left) / box.width);
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (!step) return;
    event.stopPropagation();
    put(share() + step);
  });
  return [canvas, handle];
}

/** @param {HTMLElement} stage @param {Look} look */
function tools(stage, look) {
  const pressed = (/** @type {() => boolean} */ on) => ({ "aria-pressed": () => String(on()) });
  const split = () => (look.compare.value = look.compare.peek() === "split" ? "off" : "split");
  return h(
    "div",
    { class: "tools" },
    iconButton("inset", "Input in the corner (I)", () => (look.inset.value = !look.inset.peek()), {
      ...pressed(() => look.inset.value),
      class: "icon desk",
    }),
    iconButton("fit", "Real size (1:1)", () => (look.real.value = !look.real.peek()), {
      ...pressed(() => look.real.value),
      class: "icon desk",
    }),
    iconButton(
      "compare",
      "Compare with the input (C)",
      split,
      pressed(() => look.compare.value === "split"),
    ),
    iconButton("full", "Full screen (F)", () => fullScreen(stage)),
  );
}

/** @param {HTMLElement} stage */
export function fullScreen(stage) {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void stage.requestFullscreen?.();
}

/** @param {Show} show @param {Capture} capture @param {View} view what is said while there is no picture */
function notice(show, capture, view) {
  const kind = computed(() => /** @type {"camera" | "screen"} */ (show.setup.value.source.kind));
  const idle = computed(() => {
    const sent = kind.value === "camera" || kind.value === "screen";
    return sent && show.connection.value === "open" && !capture.ingest.value && !show.state.value.ingests.length;
  });
  const isEmpty = computed(() => !show.setup.value.stages.length && show.setup.value.source.kind === "none");
  const sentence = computed(
    () => view.reason.value || (view.number.value && !isEmpty.value ? "" : waitingFor(show, isEmpty.value)),
  );
  const start = () => capture.start(kind.peek());
  const words = () => `Start ${SOURCE_WORDS[kind.value].toLowerCase()} here`;
  return h(
    "div",
    { class: "notice" },
    () => idle.value && h("button", { type: "button", class: "primary", onclick: start }, words),
    () => !idle.value && sentence.value && h("p", {}, sentence.value),
  );
}

/** @param {Show} show @param {boolean} isEmpty whether there is nothing that makes pictures */
function waitingFor(show, isEmpty) {
  const { engine, loading } = show.state.value;
  if (show.connection.value !== "open") return "Connecting…";
  if (loading) return `Loading ${loading.stage}: ${loading.step}`;
  if (engine === "starting") return "Starting the engine…";
  if (engine === "ready" && isEmpty) return "Choose a source or add a stage.";
  return engine === "ready" ? "Waiting for the first picture…" : "";
}
