/** The panel of the source: where input frames come from, their size and rate. */

import { SOURCE_WORDS } from "./chain.js";
import { answered } from "./dialogs.js";
import { h } from "./dom.js";
import { pickAsset } from "./pickers.js";
import { computed } from "./signals.js";
import { options } from "./source-options.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {import("./capture.js").Capture} Capture */

const CARDS = /** @type {const} */ ([
  ["sample", "A short film that comes with Scope"],
  ["camera", "This device's camera"],
  ["screen", "A screen, a window or a tab"],
  ["file", "A video or a picture; or drop one on the page"],
  ["stream", "A network camera or another program, by its address"],
  ["pattern", "Bars and a moving clock"],
  ["none", "For pipelines that generate pictures"],
]);
/** @param {Show} show @param {Edit} edit @param {Capture} capture @returns {HTMLElement[]} */
export function sourcePanel(show, edit, capture) {
  const kind = computed(() => show.setup.value.source.kind);
  const cards = CARDS.map(([name, help]) =>
    h(
      "button",
      {
        type: "button",
        class: "card",
        role: "radio",
        "aria-checked": () => String(kind.value === name),
        "data-source": name,
        onclick: () => chooseSource(edit, capture, name),
      },
      h("strong", {}, SOURCE_WORDS[name]),
      h("small", {}, help),
    ),
  );
  return [
    h(
      "header",
      {},
      h(
        "div",
        { class: "head source-head" },
        h("h2", {}, "Source"),
        h("small", {}, () => SOURCE_WORDS[kind.value] ?? kind.value),
      ),
    ),
    h("div", { class: "rows" }, h("div", { class: "cards", role: "radiogroup", "aria-label": "Source" }, cards), () =>
      options(show, edit, capture, kind.value),
    ),
    h("div", {}),
  ];
}

/** @param {Edit} edit @param {Capture} capture @param {string} kind */
async function chooseSource(edit, capture, kind) {
  if (kind === "file")
    return pickAsset("video", (asset) => (capture.stop(), edit.source({ kind: "file", path: asset.path })));
  if (kind === "stream") return askForStream(edit, capture);
  if (kind === "camera" || kind === "screen") {
    if (!(await capture.start(kind))) return;
  } else capture.stop();
  await edit.source({ kind, path: null });
}

/** @param {Edit} edit @param {Capture} capture */
async function askForStream(edit, capture) {
  const path = await answered("Address of the stream", "rtsp://camera.local/stream");
  if (!path) return;
  capture.stop();
  await edit.source({ kind: "stream", path });
}
