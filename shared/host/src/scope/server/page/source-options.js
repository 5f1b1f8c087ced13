/** What can be set of a source: device, sound, size, rate. */

import { cameras } from "./capture.js";
import { h } from "./dom.js";
import { effect, signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {import("./capture.js").Capture} Capture */

const SIZES = [
  [512, 512],
  [640, 360],
  [832, 480],
  [1280, 720],
  [1920, 1080],
];
const RATES = [12, 15, 24, 25, 30, 50, 60];

/** @param {Show} show @param {Edit} edit @param {Capture} capture @param {string} kind */
export function options(show, edit, capture, kind) {
  const source = () => show.setup.value.source;
  const rows = [];
  if (kind === "file" || (kind === "stream" && /^https?:/.test(source().path ?? "")))
    rows.push(
      row(
        "Loop",
        flip(
          "source-loop",
          () => source().loop,
          (loop) => edit.source({ loop }),
        ),
        "source-loop",
      ),
    );
  if (kind === "stream")
    rows.push(h("p", { class: "about" }, () => show.state.value.stream_problem ?? `From ${source().path}.`));
  if (kind === "camera") rows.push(deviceRow(capture), microphoneRow(capture));
  if (kind === "camera" || kind === "screen") rows.push(h("p", { class: "about" }, () => sending(capture, kind)));
  if (kind !== "none") rows.push(sizeRow(source, edit), rateRow(source, edit));
  return rows;
}

/** @param {Capture} capture @param {string} kind */
function sending(capture, kind) {
  const ingest = capture.ingest.value;
  if (!ingest)
    return `This window is not sending a ${kind === "camera" ? "camera" : "screen"}. Choose it again to start.`;
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

/** @param {Capture} capture */
function microphoneRow(capture) {
  const control = flip(
    "source-microphone",
    () => capture.microphone.value,
    (on) => void capture.listen(on),
  );
  control.title = "Heard in recordings and outputs";
  return row("Microphone", control, "source-microphone");
}

/** @param {string} id @param {() => boolean} checked @param {(on: boolean) => void} put */
function flip(id, checked, put) {
  const onchange = () => put(!checked());
  return h("input", { type: "checkbox", role: "switch", class: "switch", id, checked, onchange });
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
      (one) => one.replace("x", " × ") || "Original",
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
      (one) => (one ? `${one} fps` : "Original"),
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
