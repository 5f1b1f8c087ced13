/** The chain: the source, then every stage, as tabs that choose what the panel shows. */

import { figuresOf } from "./bar.js";
import { openChooser } from "./chooser.js";
import { each, h, iconButton } from "./dom.js";
import { pointer } from "./patch.js";
import { computed, effect } from "./signals.js";
import { removeStage } from "./stage-head.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./document.js").Stage} Stage */
/** @typedef {import("./edit.js").Edit} Edit */

export const SOURCE = "source";
const ROLE_WORDS = { pre: "Pre", main: "Main", post: "Post" };
export const SOURCE_WORDS = /** @type {Record<string, string>} */ ({
  sample: "Sample clip",
  file: "File",
  pattern: "Test pattern",
  camera: "Webcam",
  screen: "Screen",
  webrtc: "WebRTC",
  stream: "Stream",
  ingest: "Incoming frames",
  none: "No input",
});

/** @param {Show} show @param {Edit} edit @param {import("./signals.js").Signal<string>} selected */
export function chainView(show, edit, selected) {
  const nodes = h("div", { class: "nodes" });
  const choose = () => openChooser(show, edit, (id) => (selected.value = id));
  const add = iconButton("add", "Add a stage", choose, { class: "icon add" });
  const tabs = h(
    "div",
    { class: "nodes", role: "tablist", "aria-label": "Chain" },
    h("span", { class: "source-node", role: "presentation" }, sourceNode(show, selected)),
    nodes,
  );
  nodes.setAttribute("role", "presentation");
  each(
    nodes,
    () => show.setup.value.stages,
    (stage) => stage.id,
    (stage) => stageNode(show, edit, selected, stage),
  );
  effect(() => {
    show.pipelines.value;
    const chosen = tabs.querySelector(`[data-stage="${CSS.escape(selected.value)}"]`);
    queueMicrotask(() => chosen?.scrollIntoView({ block: "nearest", inline: "center" }));
  });
  tabs.addEventListener("keydown", (event) => onKey(event, show, edit, selected));
  const chain = h("div", { class: "chain" }, tabs, add);
  chain.addEventListener("wheel", (event) => (chain.scrollLeft += event.deltaX ? 0 : event.deltaY), { passive: true });
  return chain;
}

/** @param {Show} show @param {import("./signals.js").Signal<string>} selected */
function sourceNode(show, selected) {
  const name = () => {
    const { kind, path } = show.setup.value.source;
    return kind === "file" && path ? (path.split(/[\\/]/).at(-1) ?? path) : (SOURCE_WORDS[kind] ?? kind);
  };
  const bad = () => show.faults.value.some((fault) => fault.kind === "source");
  return node(selected, SOURCE, () => ({
    role: "Source",
    name: name(),
    side: sourceRate(show),
    bad: bad(),
    off: false,
  }));
}

/** @param {Show} show */
function sourceRate(show) {
  if (show.state.value.source_ended) return "ended";
  const rate = figuresOf(show)?.source_fps;
  return rate ? `${Math.round(rate)} fps` : "";
}

/** @param {Show} show @param {Edit} edit @param {import("./signals.js").Signal<string>} selected @param {import("./signals.js").Signal<Stage>} stage */
function stageNode(show, edit, selected, stage) {
  const { id } = stage.peek();
  const fault = computed(() => show.faults.value.find((one) => one.stage === id));
  const name = () => {
    const title = show.pipelines.value[stage.value.pipeline]?.name ?? stage.value.pipeline;
    const again = id.match(/-(\d+)$/);
    return again && id !== stage.value.pipeline ? `${title} ${again[1]}` : title;
  };
  const element = node(selected, id, () => ({
    role: ROLE_WORDS[stage.value.role],
    name: name(),
    side: sideOf(show, id, stage.value, fault.value),
    bad: Boolean(fault.value) || (show.knowsPipelines() && !show.pipelines.value[stage.value.pipeline]),
    off: !stage.value.on,
  }));
  draggable(element, show, edit, id);
  return h("span", { class: "wired", role: "presentation" }, element);
}

/** @param {Show} show @param {string} id @param {Stage} stage @param {import("./document.js").Fault | undefined} fault */
function sideOf(show, id, stage, fault) {
  if (show.state.value.loading?.stage === id) return "loading";
  if (!stage.on) return "off";
  const stats = figuresOf(show)?.stages[id];
  if (stats?.resting || (fault && fault.rests !== null)) return "bypassed";
  return stats?.calls ? `${stats.ms < 9.95 ? stats.ms.toFixed(1) : Math.round(stats.ms)} ms` : "";
}

/**
 * @param {import("./signals.js").Signal<string>} selected @param {string} id
 * @param {() => { role: string, name: string, side: string, bad: boolean, off: boolean }} look
 */
function node(selected, id, look) {
  const chosen = () => selected.value === id;
  const words = computed(look, (a, b) => JSON.stringify(a) === JSON.stringify(b));
  return h(
    "button",
    {
      type: "button",
      role: "tab",
      class: () => `node${words.value.bad ? " bad" : ""}${words.value.off ? " off" : ""}`,
      "data-stage": id,
      "aria-selected": () => String(chosen()),
      "aria-controls": "panel",
      // Without the figure, which changes every second.
      "aria-label": () =>
        [words.value.name, words.value.role, words.value.off && "off", words.value.bad && "has a fault"]
          .filter(Boolean)
          .join(", "),
      tabIndex: () => (chosen() ? 0 : -1),
      onclick: () => (selected.value = id),
    },
    h("small", {}, () => words.value.role),
    h("span", { class: "ms num" }, () => words.value.side),
    h("strong", {}, () => words.value.name),
  );
}

/** @param {Show} show @param {Edit} edit @param {string} id @param {string} before the stage it comes before, "" for the end */
function moveStage(show, edit, id, before) {
  const stages = show.setup.peek().stages;
  const rest = stages.filter((stage) => stage.id !== id);
  const at = before ? rest.findIndex((stage) => stage.id === before) : rest.length;
  if (at < 0 || stages[at]?.id === id) return;
  void edit.patch([{ op: "move", from: pointer("stages", id), path: pointer("stages", at) }], `Move ${id}`);
}

/** The stage that is being dragged: a drop target may not read the drag's data before the drop. */
let carried = "";

/** @param {HTMLElement} element @param {Show} show @param {Edit} edit @param {string} id */
function draggable(element, show, edit, id) {
  const role = (/** @type {string} */ one) => show.setup.peek().stages.find((stage) => stage.id === one)?.role;
  const TYPE = "application/x-scope-stage";
  element.draggable = true;
  element.addEventListener("dragstart", (event) => {
    event.dataTransfer?.setData(TYPE, id);
    carried = id;
    element.classList.add("carried");
  });
  element.addEventListener("dragend", () => element.classList.remove("carried"));
  const side = (/** @type {DragEvent} */ event) => (event.offsetX < element.offsetWidth / 2 ? "before" : "after");
  const clear = () => element.classList.remove("before", "after");
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes(TYPE) || carried === id || role(carried) !== role(id)) return;
    event.preventDefault();
    clear();
    element.classList.add(side(event));
  });
  element.addEventListener("dragleave", clear);
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    clear();
    const stages = show.setup.peek().stages.filter((stage) => stage.id !== carried);
    const at = stages.findIndex((stage) => stage.id === id) + (side(event) === "after" ? 1 : 0);
    moveStage(show, edit, carried, stages[at]?.id ?? "");
  });
}

/** @param {KeyboardEvent} event @param {Show} show @param {Edit} edit @param {import("./signals.js").Signal<string>} selected */
function onKey(event, show, edit, selected) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const stages = show.setup.peek().stages;
  const at = stages.findIndex((stage) => stage.id === selected.peek());
  if (event.key === "Delete" && at >= 0) void removeStage(edit, selected.peek());
  else if (step && event.altKey && at >= 0 && stages[at + step])
    moveStage(show, edit, selected.peek(), stages[at + (step > 0 ? 2 : -1)]?.id ?? "");
  else if (step && !event.altKey)
    selected.value = [SOURCE, ...stages.map((stage) => stage.id)][Math.max(0, Math.min(stages.length, at + 1 + step))];
  else return;
  event.preventDefault();
  event.stopPropagation();
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  queueMicrotask(() => /** @type {HTMLElement | null} */ (list.querySelector("[aria-selected=true]"))?.focus());
}
