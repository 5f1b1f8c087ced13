/** LoRA files of a stage: which ones are loaded is a load setting, how strong each is can change live. */

import { openDialog } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { loraFiles } from "./lora-files.js";
import { openKeys } from "./settings-keys.js";
import { computed } from "./signals.js";
import { newGesture } from "./slider.js";
import { same } from "./values.js";

/** @typedef {{ path: string, scale: number }} Lora */
/** @typedef {import("./groups-view.js").Context} Context */

const STRONGEST = 2;

/** @param {Context} context */
export function loraList(context) {
  const { show, edit, stage } = context;
  const loras = computed(() => /** @type {Lora[]} */ (show.stage(stage)?.load.loras ?? []), same);
  const put = (/** @type {Lora[]} */ next) => edit.load(stage, "loras", next.length ? next : undefined);
  const add = () =>
    pickLora(show, (path) => put([...loras.peek().filter((one) => one.path !== path), { path, scale: 1 }]));
  const remove = (/** @type {string} */ path) => put(loras.peek().filter((one) => one.path !== path));
  return h(
    "div",
    { class: "loras" },
    () => loras.value.map((lora) => loraRow(context, lora, () => remove(lora.path))),
    h(
      "div",
      { class: "row load" },
      h("span", { class: "label" }, "Add"),
      h("div", { class: "wide" }, iconButton("add", "Add a LoRA", add)),
    ),
  );
}

/** @param {string} path */
const nameOf = (path) => (path.split(/[\\/]/).at(-1) ?? path).replace(/\.safetensors$/, "");

/** @param {Context} context @param {Lora} lora @param {() => void} remove */
function loraRow({ show, edit, stage }, lora, remove) {
  const live = () =>
    /** @type {Lora[]} */ (
      show.drafts.value[`${stage}/lora_scales`]?.value ?? show.stage(stage)?.values.lora_scales ?? []
    );
  const scale = () => live().find((one) => one.path === lora.path)?.scale ?? lora.scale;
  let gesture = "";
  const put = (/** @type {number} */ value) => {
    const others = live().filter((one) => one.path !== lora.path);
    edit.set(stage, { lora_scales: [...others, { path: lora.path, scale: value }] }, (gesture ||= newGesture()));
  };
  const range = h("input", {
    type: "range",
    min: "0",
    max: String(STRONGEST),
    step: "0.01",
    value: () => String(scale()),
    "aria-label": `Strength of ${nameOf(lora.path)}`,
    style: { "--from": "-1", "--to": () => String(scale() / STRONGEST) },
    oninput: () => put(Number(range.value)),
    onchange: () => (gesture = ""),
  });
  return h(
    "div",
    { class: "row", "data-help": lora.path },
    h("span", { class: "label" }, nameOf(lora.path)),
    range,
    h("span", { class: "value num" }, () => scale().toFixed(2)),
    iconButton("close", `Remove ${nameOf(lora.path)}`, remove, { class: "dot-place icon" }),
  );
}

/** @param {import("./show.js").Show} show @param {(path: string) => void} picked */
function pickLora(show, picked) {
  openDialog("Choose a LoRA", (close) => ({
    body: loraFiles(show, (path) => (picked(path), close())),
    foot: [
      h("span", { class: "grow quiet" }, "Gated and private files need a key of their site."),
      h("button", { type: "button", class: "raised", onclick: openKeys }, "Keys…"),
    ],
  }));
}
