/** Sentences under the picture: a lost connection, an engine that ended, faults of stages. The show goes on meanwhile. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { computed, effect, signal } from "./signals.js";
import { flipStage } from "./stage-head.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./document.js").Fault} Fault */
/** A screen reader hears of faults at most this often. */
const SPOKEN_EVERY_MS = 2000;

/** @param {Show} show @param {import("./edit.js").Edit} edit */
export function sayings(show, edit) {
  const dismissed = signal(/** @type {string[]} */ ([]));
  const open = computed(() => show.faults.value.filter((fault) => !dismissed.value.includes(keyOf(fault))));
  const hide = (/** @type {string} */ key) => (dismissed.value = [...dismissed.peek(), key]);
  const which = computed(() => {
    if (show.connection.value === "lost") return "connection";
    if (show.silent.value) return "silence";
    return show.state.value.engine === "dead" ? "engine" : open.value.length ? "fault" : "";
  });
  return h("div", {}, spoken(open), () => {
    if (which.value === "connection") return calmLine("The connection to the server is lost. Trying again…");
    if (which.value === "silence") return calmLine("The server is not responding. Waiting for it…");
    if (which.value === "engine") return engineLine(show);
    return which.value === "fault" && faultLine(show, edit, open, hide);
  });
}

/** @param {Fault} fault */
const keyOf = (fault) => `${fault.stage} ${fault.kind} ${fault.text}`;

/** @param {string} sentence */
const calmLine = (sentence) => h("div", { class: "say calm", role: "status" }, h("p", {}, sentence));

/** @param {Show} show */
function engineLine(show) {
  const again = () => show.state.value.again_in;
  const text = () => (show.state.value.text ?? "has ended").replace(/^the engine /i, "");
  const sentence = () => ` ${text()}.${again() === null ? "" : " It restarts by itself."}`;
  const restart = () => api.post("/restart").catch((error) => say(error.message));
  return h(
    "div",
    { class: "say", role: "status" },
    h("p", {}, h("b", {}, "Engine"), sentence),
    h("button", { type: "button", hidden: () => again() !== null, onclick: restart }, "Restart"),
  );
}

/**
 * The newest fault. The line stays while its count grows, so that its buttons can be pressed.
 * @param {Show} show @param {import("./edit.js").Edit} edit
 * @param {import("./signals.js").Signal<Fault[]>} open @param {(key: string) => void} hide
 */
function faultLine(show, edit, open, hide) {
  const none = { stage: "", kind: "", text: "", count: 0, rests: null };
  const fault = computed(() => open.value[0] ?? none);
  const name = () => fault.value.stage || (fault.value.kind === "source" ? "Source" : "Engine");
  const passes = () => (fault.value.rests === null ? "" : " Its input passes through meanwhile.");
  const sentence = () => ` ${told(fault.value)}${passes()}`;
  const times = () => (fault.value.count > 1 ? ` (${fault.value.count} times)` : "");
  return h(
    "div",
    { class: "say", "data-fault": () => fault.value.stage },
    h(
      "p",
      { class: "clamped", onclick: () => openFaults(show) },
      h("b", {}, name),
      sentence,
      h("span", { class: "quiet num" }, times),
    ),
    h(
      "button",
      { type: "button", hidden: () => open.value.length < 2, onclick: () => openFaults(show) },
      () => `${open.value.length - 1} more`,
    ),
    h(
      "button",
      {
        type: "button",
        hidden: () => !show.stage(fault.value.stage)?.on,
        onclick: () => flipStage(show, edit, fault.peek().stage),
      },
      "Switch off",
    ),
    iconButton("close", "Dismiss", () => hide(keyOf(fault.peek()))),
  );
}

/** @param {Fault} fault its sentence behind its stage's name, with an end */
function told({ stage, text }) {
  const named = [`${stage} `, `${stage}: `].find((name) => stage && text.startsWith(name)) ?? "";
  const rest = text.slice(named.length).replace(/^(pipeline '[^']*'|the source) /, "");
  return /[.!?…]$/.test(rest) ? rest : `${rest}.`;
}

/** @param {Show} show */
export function openFaults(show) {
  openDialog("Faults", () => ({
    body: [
      () => !show.faults.value.length && h("p", { class: "quiet" }, "No faults. Everything is running."),
      h("ul", { class: "list" }, () =>
        show.faults.value.map((fault) =>
          h(
            "li",
            {},
            h(
              "p",
              { class: "item" },
              h("b", {}, fault.stage || "Engine"),
              ` ${told(fault)}`,
              h("small", {}, `${fault.kind}, ${fault.count === 1 ? "once" : `${fault.count} times`}`),
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
