/** Presets: whole set-ups on the server; and sharing them as files. */

import { saveFile } from "./actions.js";
import * as api from "./api.js";
import { confirmed, openDialog, say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { openFile } from "./drop.js";
import { signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {{ name: string, modified: number }} Preset */

/** @param {Show} show @param {Edit} edit */
export function openPresets(show, edit) {
  const presets = signal(/** @type {Preset[] | null} */ (null));
  const refresh = () => attempt(async () => (presets.value = (await api.get("/presets")).presets));
  void refresh();
  openDialog("Presets", (close) => ({
    body: [
      saveForm(show, presets, refresh),
      () =>
        presets.value?.length === 0 &&
        h(
          "p",
          { class: "quiet" },
          "No presets yet. A preset keeps the whole set-up: source, chain, values, prompts and scenes.",
        ),
      h("ul", { class: "list" }, () => (presets.value ?? []).map((preset) => entry(preset, edit, refresh, close))),
    ],
    foot: [
      h("button", { type: "button", onclick: () => share(show) }, "Save as a file"),
      h("button", { type: "button", onclick: () => choose(edit, close) }, "Open a file…"),
      h("span", { class: "grow" }),
      h("span", { class: "faint" }, "JSON, or a snapshot PNG"),
    ],
  }));
}

/** @param {Show} show @param {import("./signals.js").Signal<Preset[] | null>} presets @param {() => Promise<void>} refresh */
function saveForm(show, presets, refresh) {
  const name = h("input", {
    type: "text",
    class: "text",
    placeholder: "Name",
    "aria-label": "Name of the preset",
    maxLength: 120,
    required: true,
    pattern: "[A-Za-z0-9_\\-][A-Za-z0-9._ \\-]*",
    title: "Letters, digits, spaces and . _ -",
    value: show.setup.peek().name,
  });
  const save = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const wanted = name.value.trim();
    const there = presets.peek()?.some((preset) => preset.name === wanted);
    if (there && !(await confirmed(`Replace the preset “${wanted}”?`, "Replace"))) return;
    await attempt(async () => {
      await api.put(`/presets/${encodeURIComponent(wanted)}`, {});
      say(`Saved “${wanted}”.`);
    });
    await refresh();
  };
  return h("form", { class: "inline", onsubmit: save }, name, h("button", { class: "primary" }, "Save"));
}

/** @param {Preset} preset @param {Edit} edit @param {() => Promise<void>} refresh @param {() => void} close */
function entry(preset, edit, refresh, close) {
  const path = `/presets/${encodeURIComponent(preset.name)}`;
  const load = async () => (await edit.act(`${path}/load`)) && close();
  const remove = async () => {
    if (await confirmed(`Delete the preset “${preset.name}”?`, "Delete")) await attempt(() => api.del(path));
    await refresh();
  };
  const when = new Date(preset.modified * 1000).toLocaleString();
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "item", "data-preset": preset.name, onclick: load },
      preset.name,
      h("small", {}, when),
    ),
    iconButton("bin", `Delete ${preset.name}`, remove),
  );
}

/** @param {Show} show */
function share(show) {
  const setup = show.setup.peek();
  saveFile(new Blob([JSON.stringify(setup, null, 1)], { type: "application/json" }), `${setup.name || "scope"}.json`);
}

/** @param {Edit} edit @param {() => void} close */
function choose(edit, close) {
  const input = h("input", { type: "file", accept: ".json,.png,application/json,image/png" });
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (file && (await openFile(file, edit))) close();
  });
  input.click();
}

/** @param {() => Promise<any>} call */
async function attempt(call) {
  try {
    await call();
  } catch (error) {
    say(String(/** @type {Error} */ (error).message));
  }
}
