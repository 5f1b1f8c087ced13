/** Sentences under the picture: a lost connection, an engine that ended, faults of stages. The show goes on meanwhile. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { computed, effect, signal } from "./signals.js";
import { flipStage } from "./stage-head.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./show.js").Fault} Fault */
/** A screen reader hears of faults at most this often. */
const SPOKEN_EVERY_MS = 2000;

/** @param {Show} show @param {import("./edit.js").Edit} edit */
export function sayings(show, edit) {
  const dismissed = signal(/** @type {string[]} */ ([]));
  const open = computed(() => show.faults.value.filter((fault) => !dismissed.value.includes(keyOf(fault))));
  return h(
    "div",
    {},
    spoken(open),
    () =>
      connectionLine(show) ||
      engineLine(show) ||
      faultLine(show, edit, open.value, (key) => (dismissed.value = [...dismissed.peek(), key])),
  );
}

/** @param {Fault} fault */
const keyOf = (fault) => `${fault.stage} ${fault.kind} ${fault.text}`;

/** @param {Show} show */
function connectionLine(show) {
  if (show.connection.value !== "lost") return null;
  return h(
    "div",
    { class: "say calm", role: "status" },
    h("p", {}, "The connection to the server is lost. Trying again…"),
  );
}

/** @param {Show} show */
function engineLine(show) {
  const { engine, text, again_in: again } = show.state.value;
  if (engine !== "dead") return null;
  const restart = () => api.post("/restart").catch((error) => say(error.message));
  return h(
    "div",
    { class: "say", role: "status" },
    h(
      "p",
      {},
      h("b", {}, "Engine"),
      ` ${text ?? "has ended."}${again === null ? "" : ` It starts again in ${Math.max(1, Math.round(again))} s.`}`,
    ),
    again === null && h("button", { type: "button", onclick: restart }, "Start again"),
  );
}

/** @param {Show} show @param {import("./edit.js").Edit} edit @param {Fault[]} faults @param {(key: string) => void} dismiss */
function faultLine(show, edit, faults, dismiss) {
  const [fault, ...others] = faults;
  if (!fault) return null;
  const stage = show.stage(fault.stage);
  const name = fault.stage || (fault.kind === "source" ? "Source" : "Engine");
  return h(
    "div",
    { class: "say", "data-fault": fault.stage },
    h(
      "p",
      {},
      h("b", {}, name),
      ` ${fault.text}${fault.rests === null ? "" : " Its input passes meanwhile."}`,
      fault.count > 1 && h("span", { class: "quiet num" }, ` (${fault.count} times)`),
    ),
    others.length > 0 && h("button", { type: "button", onclick: () => openFaults(show) }, `${others.length} more`),
    stage?.on && h("button", { type: "button", onclick: () => flipStage(show, edit, fault.stage) }, "Switch off"),
    iconButton("close", "Hide this sentence", () => dismiss(keyOf(fault))),
  );
}

/** @param {Show} show */
export function openFaults(show) {
  openDialog("Faults", () => ({
    body: [
      () => !show.faults.value.length && h("p", { class: "quiet" }, "Everything runs."),
      h("ul", { class: "list" }, () =>
        show.faults.value.map((fault) =>
          h(
            "li",
            {},
            h(
              "p",
              { class: "item" },
              h("b", {}, fault.stage || "Engine"),
              ` ${fault.text}`,
              h("small", {}, `${fault.kind}, ${fault.count} times`),
            ),
          ),
        ),
      ),
    ],
  }));
}

/** @param {import("./signals.js").Signal<Fault[]>} open what a screen reader is told, gathered */
function spoken(open) {
  const text = signal("");
  let [timer, last] = [0, 0];
  effect(() => {
    const sentence = open.value.map((fault) => `${fault.stage}: ${fault.text}`).join(" ");
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        last = performance.now();
        text.value = sentence;
      },
      Math.max(0, SPOKEN_EVERY_MS - (performance.now() - last)),
    );
  });
  return h("p", { class: "sr", role: "status" }, () => text.value);
}
