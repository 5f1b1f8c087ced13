/** Settings: plugins, models, files, ways out and in, what this window shows, and what the host is. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h } from "./dom.js";
import { controlPage } from "./settings-control.js";
import { logPage } from "./settings-log.js";
import { modelsPage } from "./settings-models.js";
import { pluginsPage } from "./settings-plugins.js";
import { portsPage } from "./settings-ports.js";
import { recordingsPage } from "./settings-recordings.js";
import { signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/**
 * @typedef {{ show: Show, look: import("./stage.js").Look, models: import("./models.js").Models,
 *   plugins: import("./plugins.js").Plugins }} Parts
 */

const PAGES = /** @type {Record<string, (parts: Parts) => import("./dom.js").Child[]>} */ ({
  Plugins: (parts) => pluginsPage(parts.plugins),
  Models: (parts) => modelsPage(parts.show, parts.models),
  Recordings: () => recordingsPage(),
  Outputs: (parts) => portsPage(parts.show),
  Control: (parts) => controlPage(parts.show),
  Display: (parts) => displayPage(parts.look),
  Log: () => logPage(),
  Host: (parts) => hostPage(parts.show),
});

/** @param {Parts} parts @param {string} [first] the page to open */
export function openSettings(parts, first = "Plugins") {
  const page = signal(first);
  const tab = (/** @type {string} */ name) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-controls": "settings-page",
        "aria-selected": () => String(page.value === name),
        tabIndex: () => (page.value === name ? 0 : -1),
        onclick: () => (page.value = name),
      },
      name,
    );
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Settings" }, Object.keys(PAGES).map(tab));
  tabs.addEventListener("keydown", (event) => walkTabs(tabs, event));
  const dialog = openDialog("Settings", () => ({
    body: [
      tabs,
      h("div", { id: "settings-page", class: "settings-page", role: "tabpanel", "aria-label": () => page.value }, () =>
        PAGES[page.value](parts),
      ),
    ],
  }));
  dialog.classList.add("settings");
}

/** @param {HTMLElement} tabs @param {KeyboardEvent} event arrows choose the tab beside the chosen one */
function walkTabs(tabs, event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = /** @type {HTMLElement[]} */ ([...tabs.children]);
  const next = all[(all.findIndex((one) => one.ariaSelected === "true") + step + all.length) % all.length];
  next.click();
  next.focus();
}

/** @param {import("./stage.js").Look} look */
function displayPage(look) {
  return [
    toggle(
      "Input in the corner",
      () => look.inset.value,
      () => (look.inset.value = !look.inset.peek()),
    ),
    toggle(
      "Real size instead of fitting",
      () => look.real.value,
      () => (look.real.value = !look.real.peek()),
    ),
  ];
}

let count = 0;
/** @param {string} label @param {() => boolean} on @param {() => void} flip */
function toggle(label, on, flip) {
  const id = `setting-${++count}`;
  return h(
    "div",
    { class: "setting" },
    h("label", { for: id }, label),
    h("input", { type: "checkbox", role: "switch", class: "switch", id, checked: on, onchange: flip }),
  );
}

/** @param {Show} show */
function hostPage(show) {
  const host = signal(/** @type {any} */ (null));
  const tell = (/** @type {Error} */ error) => say(error.message);
  api.get("/host").then((answer) => (host.value = answer), tell);
  const restart = () => api.post("/restart").then(() => say("The engine is restarting."), tell);
  return [
    () => host.value && facts(host.value, show),
    h("button", { type: "button", class: "raised", onclick: restart }, "Restart the engine"),
  ];
}

/** @param {any} host @param {Show} show */
function facts(host, show) {
  const pairs = /** @type {[string, any][]} */ ([
    ["Version", host.version],
    ["Address", host.address],
    ["Device", [host.device?.name, host.device?.memory_gb && `${host.device.memory_gb} GB`].filter(Boolean).join(", ")],
    ["PyTorch", host.versions?.torch],
    ["Folder", host.base_dir],
    ["Views", () => show.stats.value?.viewers ?? "–"],
  ]);
  return h(
    "dl",
    { class: "keys" },
    pairs.filter(([, value]) => value).map(([name, value]) => [h("dt", { class: "quiet" }, name), h("dd", {}, value)]),
  );
}
