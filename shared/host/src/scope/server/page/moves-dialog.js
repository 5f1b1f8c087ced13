/** What a recording moves, a line each, to be forgotten; and its ends, to be cut off. */

import { openDialog } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { fieldsOf } from "./fields.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {{ at: number, stage: string | null, set: Record<string, any>, on?: boolean | null, prompts?: any, clock?: any }} Move */
/** @typedef {{ stage: string | null, field: string | null, count: number, last: number }} Lane a stage without a field: on and off */

/** @param {Show} show @param {import("./edit.js").Edit} edit */
export function openMoves(show, edit) {
  const timeline = () => /** @type {Move[]} */ (show.setup.value.timeline);
  const send = (/** @type {string | object} */ what) => edit.send({ timeline: what });
  openDialog("Recorded moves", (close) => ({
    body: [
      h("p", { class: "quiet" }, () => `${seconds(lengthOf(timeline()))} recorded.`),
      trimmer(timeline, (from, to) => send({ trim: { from, to } })),
      h("ul", { class: "list" }, () =>
        lanesOf(timeline()).map((lane) =>
          entry(wordsOf(show, lane), lane, () => send({ forget: { stage: lane.stage, field: lane.field } })),
        ),
      ),
    ],
    foot: [
      h("span", { class: "grow" }),
      h("button", { type: "button", class: "danger", onclick: () => (send("clear"), close()) }, "Forget all"),
    ],
  }));
}

/** @param {string} words @param {Lane} lane @param {() => void} forget */
const entry = (words, lane, forget) =>
  h(
    "li",
    {},
    h(
      "span",
      { class: "item" },
      words,
      h("small", {}, `${lane.count} change${lane.count > 1 ? "s" : ""}, the last at ${seconds(lane.last)}`),
    ),
    iconButton("bin", `Forget ${words}`, forget),
  );

/** @param {() => Move[]} timeline @param {(from: number, to: number) => void} trim */
function trimmer(timeline, trim) {
  const box = (/** @type {string} */ label) =>
    /** @type {HTMLInputElement} */ (
      h("input", { type: "number", class: "text num", min: "0", step: "any", "aria-label": `${label}, in seconds` })
    );
  const [from, to] = [box("Keep from"), box("Keep to")];
  from.value = "0";
  to.placeholder = "end";
  const form = h(
    "form",
    { class: "inline trim" },
    "Keep from",
    from,
    "to",
    to,
    "s",
    h("button", { class: "raised" }, "Trim"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trim(Number(from.value), to.value === "" ? lengthOf(timeline()) : Number(to.value));
    [from.value, to.value] = ["0", ""];
  });
  return form;
}

/** @param {Move[]} timeline @returns {number} seconds */
const lengthOf = (timeline) => Math.max(0, ...timeline.map((move) => move.at));

/** @param {number} time */
const seconds = (time) => `${time.toFixed(1)} s`;

/** @param {Move[]} timeline @returns {Lane[]} everything that is moved after the beginning, in order of its first move */
export function lanesOf(timeline) {
  /** @type {Map<string, Lane>} */
  const lanes = new Map();
  for (const { move, field } of timeline.filter((one) => one.at > 0).flatMap(partsOf)) {
    const key = JSON.stringify([move.stage, field]);
    const { count } = lanes.get(key) ?? { count: 0 };
    lanes.set(key, { stage: move.stage, field, count: count + 1, last: move.at });
  }
  return [...lanes.values()];
}

/** @param {Move} move @returns {{ move: Move, field: string | null }[]} */
function partsOf(move) {
  const ofShow = ["prompts", "clock"].filter((name) => move[/** @type {"prompts" | "clock"} */ (name)]);
  const names = move.stage ? Object.keys(move.set) : ofShow;
  const switched = move.stage && typeof move.on === "boolean" ? [null] : [];
  return [...names, ...switched].map((field) => ({ move, field }));
}

/** @param {Show} show @param {Lane} lane @returns {string} by the names on the page */
function wordsOf(show, { stage, field }) {
  if (!stage) return field === "clock" ? "Clock" : "Prompts";
  const pipeline = show.pipelines.value[show.stage(stage)?.pipeline ?? ""];
  const label = pipeline && fieldsOf(pipeline).find((one) => one.name === field)?.label;
  return `${stage}: ${field === null ? "on and off" : (label ?? field)}`;
}
