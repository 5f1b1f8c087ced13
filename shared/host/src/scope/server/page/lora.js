/** LoRA files of a stage: which ones are loaded is a load setting, how strong each is can change live. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { computed, signal } from "./signals.js";
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
  const add = () => pickLora((path) => put([...loras.peek().filter((one) => one.path !== path), { path, scale: 1 }]));
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

/** @param {(path: string) => void} picked */
function pickLora(picked) {
  const files = signal(
    /** @type {{ name: string, path: string, size_mb: number, folder: string | null }[] | null} */ (null),
  );
  api.get("/loras").then(
    (answer) => (files.value = answer.lora_files),
    (error) => say(error.message),
  );
  openDialog("Choose a LoRA", (close) => ({
    body: [
      () =>
        files.value?.length === 0 &&
        h("p", { class: "quiet" }, "No LoRA files here yet: put .safetensors files into the folder models/lora."),
      h("ul", { class: "list" }, () =>
        (files.value ?? []).map((file) =>
          h(
            "li",
            {},
            h(
              "button",
              { type: "button", class: "item", onclick: () => (picked(file.path), close()) },
              file.name,
              h("small", {}, `${file.folder ?? ""} ${Math.round(file.size_mb)} MB`),
            ),
          ),
        ),
      ),
    ],
  }));
}
