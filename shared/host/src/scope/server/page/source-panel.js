/** The panel of the source: where input frames come from, their size and rate. */

import { cameras } from "./capture.js";
import { SOURCE_WORDS } from "./chain.js";
import { answered } from "./dialogs.js";
import { h } from "./dom.js";
import { pickAsset } from "./pickers.js";
import { computed, effect, signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {import("./capture.js").Capture} Capture */

const CARDS = /** @type {const} */ ([
  ["sample", "A short film that comes with Scope"],
  ["camera", "This device's camera"],
  ["screen", "A screen, a window or a tab"],
  ["file", "A video or picture; drop one on the picture"],
  ["stream", "A network camera or another program, by its address"],
  ["pattern", "Bars and a moving clock"],
  ["none", "Pipelines make pictures by themselves"],
]);
const SIZES = [
  [512, 512],
  [640, 360],
  [832, 480],
  [1280, 720],
  [1920, 1080],
];
const RATES = [12, 15, 24, 25, 30, 50, 60];

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

/** @param {Show} show @param {Edit} edit @param {Capture} capture @param {string} kind */
function options(show, edit, capture, kind) {
  const source = () => show.setup.value.source;
  const rows = [];
  if (kind === "file")
    rows.push(
      row(
        "Loop",
        h("input", {
          type: "checkbox",
          role: "switch",
          class: "switch",
          id: "source-loop",
          checked: () => source().loop,
          onchange: () => edit.source({ loop: !source().loop }),
        }),
        "source-loop",
      ),
    );
  if (kind === "stream")
    rows.push(h("p", { class: "about" }, () => show.state.value.stream_problem ?? `From ${source().path}.`));
  if (kind === "camera") rows.push(deviceRow(capture));
  if (kind === "camera" || kind === "screen") rows.push(h("p", { class: "about" }, () => sending(capture, kind)));
  if (kind !== "none") rows.push(sizeRow(source, edit), rateRow(source, edit));
  return rows;
}

/** @param {Capture} capture @param {string} kind */
function sending(capture, kind) {
  const ingest = capture.ingest.value;
  if (!ingest)
    return `No ${kind === "camera" ? "camera" : "screen"} of this window is being sent: choose it again to start.`;
  return ingest.active.value ? "This window's pictures feed the show." : "Another window's pictures feed the show.";
}

/** @param {Capture} capture */
function deviceRow(capture) {
  const found = signal(/** @type {{ id: string, label: string }[]} */ ([]));
  effect(() => {
    capture.ingest.value;
    void cameras().then((all) => (found.value = all));
  });
  const select = h("select", { class: "wide", id: "source-device" }, () =>
    found.value.map(({ id, label }) => h("option", { value: id, selected: id === capture.device.value }, label)),
  );
  select.addEventListener("change", () => {
    capture.device.value = select.value;
    void capture.start("camera");
  });
  return row("Camera", select, "source-device");
}

/** @param {() => import("./document.js").Source} source @param {Edit} edit */
function sizeRow(source, edit) {
  const text = () => (source().width ? `${source().width}x${source().height}` : "");
  const put = (/** @type {string} */ value) => {
    const [width, height] = value ? value.split("x").map(Number) : [null, null];
    void edit.source({ width, height });
  };
  return row(
    "Size",
    choice(
      "source-size",
      text,
      ["", ...SIZES.map((size) => size.join("x"))],
      (one) => one.replace("x", " × ") || "As it comes",
      put,
    ),
    "source-size",
  );
}

/** @param {() => import("./document.js").Source} source @param {Edit} edit */
function rateRow(source, edit) {
  const text = () => String(source().fps ?? "");
  return row(
    "Frame rate",
    choice(
      "source-rate",
      text,
      ["", ...RATES.map(String)],
      (one) => (one ? `${one} fps` : "As it comes"),
      (value) => edit.source({ fps: value ? Number(value) : null }),
    ),
    "source-rate",
  );
}

/** @param {string} id @param {() => string} now @param {string[]} values @param {(value: string) => string} words @param {(value: string) => void} put */
function choice(id, now, values, words, put) {
  const select = h("select", { class: "wide", id });
  effect(() => {
    const all = values.includes(now()) ? values : [...values, now()];
    select.replaceChildren(...all.map((value) => new Option(words(value), value, false, value === now())));
  });
  select.addEventListener("change", () => put(select.value));
  return select;
}

/** @param {string} label @param {HTMLElement} control @param {string} id */
const row = (label, control, id) => h("div", { class: "row" }, h("label", { class: "label", for: id }, label), control);
