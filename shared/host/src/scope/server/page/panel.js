/** The panel of one stage: its name and switches, tabs, controls, a hint line, and what waits for a reload. */

import { h } from "./dom.js";
import { fieldsOf, showsIn } from "./fields.js";
import { grouped, single } from "./groups.js";
import { progress } from "./progress.js";
import { pointer } from "./patch.js";
import { promptEditor } from "./prompts.js";
import { newFilter, sectionsView } from "./sections-view.js";
import { computed, effect, signal, untracked } from "./signals.js";
import { reload, stageHead } from "./stage-head.js";
import { same } from "./values.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {"settings" | "input" | "more"} Tab */

export const TABS = /** @type {const} */ ({ settings: "Settings", input: "Input", more: "More" });
const HINT = "Double-click resets. Shift-drag is fine. Labels drag too. Dots open waves, MIDI and OSC.";
/** Folds and tabs as they were left, for as long as the page lives. */
const folds = new Map();
const lastTab = signal(/** @type {Tab} */ ("settings"));

/** @typedef {Omit<import("./access.js").Context, "stage" | "pin"> & { models: import("./models.js").Models, pins: import("./pins.js").Pins }} Parts */
/** @param {Parts} parts @param {string} id @returns {HTMLElement[]} header, rows, foot */
export function stagePanel(parts, id) {
  const { show, edit, models } = parts;
  const name = computed(() => show.stage(id)?.pipeline ?? "");
  const pipeline = computed(() => show.pipelines.value[name.value]);
  const mode = computed(() => (show.stage(id) ? show.mode(/** @type {any} */ (show.stage(id))) : ""));
  const fields = computed(() =>
    pipeline.value ? fieldsOf(pipeline.value).filter((field) => showsIn(field, mode.value)) : [],
  );
  const tabs = computed(() => tabsOf(fields.value, pipeline.value, mode.value), same);
  const tab = computed(() => (tabs.value.includes(lastTab.value) ? lastTab.value : "settings"));
  const context = { ...parts, stage: id, folds, pin: () => null };
  const filter = newFilter();
  const rows = h(
    "div",
    { class: "rows", role: "tabpanel", id: "panel-rows", tabIndex: -1, "aria-label": () => TABS[tab.value] },
    () => {
      const shown = fields.value.filter((field) => field.panel === tab.value);
      const groups = tab.value === "more" ? shown.map(single) : grouped(shown, name.value);
      const pinned = parts.pins.of(name.value);
      const pin = parts.pins.among(name.value, groups);
      return [
        !pipeline.value && h("p", { class: "about" }, absence(show, name.value)),
        tab.value === "settings" && (() => models.missing(name.value) && modelOffer(models, name.value)),
        tab.value === "settings" && pipeline.value?.supports_prompts && promptEditor(show, edit),
        tab.value === "input" && modeRow(show, edit, id, pipeline.value),
        tab.value === "settings" &&
          pipeline.value &&
          !shown.length &&
          !pipeline.value.supports_prompts &&
          h("p", { class: "about" }, "This pipeline has no settings."),
        untracked(() => sectionsView(groups, { ...context, pin }, pinned, filter)),
        tab.value === "more" && about(pipeline.value),
      ];
    },
  );
  const head = stageHead({ show, edit, id, pipeline, fields });
  head.append(tabBar(tabs, tab));
  return [head, rows, foot(show, edit, id, rows)];
}

/** @param {Show} show @param {string} name of a pipeline that is not among those known */
const absence = (show, name) =>
  show.knowsPipelines() ? `The pipeline “${name}” is not installed here.` : "Waiting for the engine…";

/** @param {import("./fields.js").Field[]} fields @param {any} pipeline @param {string} mode @returns {Tab[]} */
function tabsOf(fields, pipeline, mode) {
  const input = fields.some((field) => field.panel === "input") || (pipeline?.supported_modes.length ?? 0) > 1;
  return /** @type {Tab[]} */ (["settings", input && mode && "input", pipeline && "more"].filter(Boolean));
}

/** @param {import("./signals.js").Signal<Tab[]>} tabs @param {import("./signals.js").Signal<Tab>} tab */
function tabBar(tabs, tab) {
  const bar = h("div", { class: "tabs", role: "tablist", "aria-label": "Controls" }, () =>
    tabs.value.map((one) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-controls": "panel-rows",
          "aria-selected": () => String(tab.value === one),
          tabIndex: () => (tab.value === one ? 0 : -1),
          onclick: () => (lastTab.value = one),
        },
        TABS[one],
      ),
    ),
  );
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.stopPropagation();
    const at = (tabs.peek().indexOf(tab.peek()) + step + tabs.peek().length) % tabs.peek().length;
    lastTab.value = tabs.peek()[at];
    /** @type {HTMLElement} */ (bar.children[at]).focus();
  });
  return bar;
}

/** @param {import("./models.js").Models} models @param {string} pipeline */
function modelOffer(models, pipeline) {
  const running = computed(() => models.running(pipeline));
  return h("div", { class: "offer" }, () =>
    running.value
      ? progress(models.show, running.value)
      : [
          h("div", { class: "grow" }, h("p", {}, "Its model files are not here yet."), () => models.news(pipeline)),
          h("button", { type: "button", class: "primary", onclick: () => models.download(pipeline) }, "Download…"),
        ],
  );
}

const MODE_WORDS = /** @type {Record<string, string>} */ ({
  text: "Text: prompt alone",
  video: "Video: input",
});

/** @param {Show} show @param {Edit} edit @param {string} id @param {any} pipeline */
function modeRow(show, edit, id, pipeline) {
  const modes = /** @type {string[]} */ (pipeline?.supported_modes ?? []);
  if (modes.length < 2) return null;
  const select = h(
    "select",
    { class: "wide", id: "stage-mode" },
    h("option", { value: "" }, "As the source"),
    modes.map((mode) => h("option", { value: mode }, MODE_WORDS[mode] ?? mode)),
  );
  effect(() => {
    select.value = show.stage(id)?.mode ?? "";
  });
  const put = () =>
    edit.patch([{ op: "replace", path: pointer("stages", id, "mode"), value: select.value || null }], `Mode of ${id}`);
  select.addEventListener("change", put);
  return h(
    "div",
    { class: "row", "data-help": "Each mode has its own defaults" },
    h("label", { class: "label", for: "stage-mode" }, "Mode"),
    select,
  );
}

/** @param {any} pipeline */
function about(pipeline) {
  if (!pipeline) return null;
  const link =
    pipeline.docs_url && h("a", { href: pipeline.docs_url, target: "_blank", rel: "noreferrer" }, "Documentation");
  const memory = pipeline.estimated_vram_gb && ` About ${pipeline.estimated_vram_gb} GB of GPU memory.`;
  return h("p", { class: "about" }, pipeline.description, memory, " ", link);
}

/** @param {Show} show @param {Edit} edit @param {string} id @param {HTMLElement} rows */
function foot(show, edit, id, rows) {
  const hint = h("p", { class: "hint", "aria-hidden": "true" }, HINT);
  const point = (/** @type {Event} */ event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest("[data-help]");
    hint.textContent = row?.getAttribute("data-help") || HINT;
  };
  rows.addEventListener("pointerover", point);
  rows.addEventListener("focusin", point);
  rows.addEventListener("pointerleave", () => (hint.textContent = HINT));
  return h("div", {}, hint, loadLine(show, edit, id));
}

/** @param {Show} show @param {Edit} edit @param {string} id */
function loadLine(show, edit, id) {
  const loading = computed(() => (show.state.value.loading?.stage === id ? show.state.value.loading : null), same);
  const count = computed(() => show.unapplied(id).length);
  const loaded = () => show.state.peek().stages[id]?.load ?? {};
  const discard = () =>
    edit.patch([{ op: "replace", path: pointer("stages", id, "load"), value: loaded() }], "Discard load settings");
  const percent = () => (loading.value?.share == null ? "…" : ` ${Math.round(100 * loading.value.share)} %`);
  const waiting = () => [
    h("span", { class: "grow" }, () => `${count.value} load setting${count.value > 1 ? "s" : ""} changed`),
    h("button", { type: "button", onclick: discard }, "Discard"),
    h(
      "button",
      { type: "button", class: "primary", "data-act": "reload", onclick: () => reload(id) },
      "Reload to apply",
    ),
  ];
  const isLoading = computed(() => loading.value !== null);
  const isWaiting = computed(() => count.value > 0);
  return () => {
    if (isLoading.value)
      return h("p", { class: "lock", role: "status" }, () => `${loading.value?.step ?? ""}${percent()}`);
    return isWaiting.value && h("div", { class: "lock" }, waiting());
  };
}
