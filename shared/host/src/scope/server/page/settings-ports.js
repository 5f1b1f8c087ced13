/** The page "Outputs" of the settings: where the show is sent. */

import * as api from "./api.js";
import { say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {{ kind: string, title: string, address: string, missing: string | null }} Port */
/**
 * @typedef {{ id: string, kind: string, address: string, state: "connecting" | "sending" | "waiting", frames: number,
 *   problem: string | null }} Output
 */

const tell = (/** @type {Error} */ error) => say(error.message);

/** @param {import("./show.js").Show} show */
export function portsPage(show) {
  const ports = signal(/** @type {Port[]} */ ([]));
  api.get("/ports").then((answer) => (ports.value = answer.outputs), tell);
  return [
    outputForm(ports),
    h("ul", { class: "list" }, () =>
      /** @type {Output[]} */ (show.state.value.outputs ?? []).map((one) => output(one, ports.value)),
    ),
    () => missing(ports.value.filter((port) => port.missing)),
  ];
}

/** @param {import("./signals.js").Signal<Port[]>} ports */
function outputForm(ports) {
  const kind = signal("network");
  const address = signal("");
  const chosen = () => ports.value.find((port) => port.kind === kind.value);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const body = { kind: kind.peek(), address: address.peek().trim() };
    api.post("/outputs", body).then(() => (address.value = ""), tell);
  };
  const usable = () => ports.value.filter((port) => !port.missing);
  return h(
    "form",
    { class: "install", onsubmit: submit },
    h("label", { for: "output-address" }, "Send the show to"),
    h(
      "select",
      {
        class: "whole",
        "aria-label": "Kind of output",
        onchange: (/** @type {any} */ event) => (kind.value = event.target.value),
      },
      () => usable().map((port) => h("option", { value: port.kind, selected: port.kind === kind.peek() }, port.title)),
    ),
    h("input", {
      id: "output-address",
      class: "text",
      type: "text",
      value: () => address.value,
      placeholder: () => chosen()?.address ?? "",
      autocomplete: "off",
      spellcheck: false,
      oninput: (/** @type {any} */ event) => (address.value = event.target.value),
    }),
    h(
      "button",
      { type: "submit", class: "primary", disabled: () => Boolean(chosen()?.address) && !address.value.trim() },
      "Send",
    ),
  );
}

/** @param {Port[]} ports what cannot be used here, and why */
function missing(ports) {
  if (!ports.length) return null;
  return h(
    "details",
    {},
    h("summary", { class: "quiet" }, "Not available on this machine"),
    h(
      "ul",
      { class: "list" },
      ports.map((port) => h("li", {}, h("span", { class: "item" }, port.title, h("small", {}, port.missing)))),
    ),
  );
}

/** @param {Output} output @param {Port[]} ports */
function output({ id, kind, address, state, problem }, ports) {
  const title = ports.find((port) => port.kind === kind)?.title ?? kind;
  const words = { connecting: "connecting", sending: "sending", waiting: "retrying" };
  return h(
    "li",
    {},
    h(
      "span",
      { class: "item" },
      address || title,
      h("small", { class: problem ? "problem" : "" }, problem ?? words[state]),
    ),
    iconButton("bin", `Stop the output ${address || title}`, () => api.del(`/outputs/${id}`).catch(tell)),
  );
}
