/** Settings: what this window shows, and what the host is. */

import * as api from "./api.js";
import { openDialog, say } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */

/** @param {Show} show @param {import("./edit.js").Edit} edit @param {import("./stage.js").Look} look */
export function openSettings(show, edit, look) {
  const host = signal(/** @type {any} */ (null));
  api.get("/host").then(
    (answer) => (host.value = answer),
    (error) => say(error.message),
  );
  openDialog("Settings", () => ({
    body: [
      toggle(
        "Input in the corner",
        () => look.inset.value,
        () => (look.inset.value = !look.inset.peek()),
      ),
      toggle(
        "Real size instead of fitting",
        () => look.real.value,
        () => (look.real.value = !look.real.peek()),
      ),
      () => host.value && facts(host.value, show),
    ],
    foot: [
      h(
        "button",
        {
          type: "button",
          class: "raised",
          onclick: () =>
            api.post("/restart").then(
              () => say("The engine starts again."),
              (error) => say(error.message),
            ),
        },
        "Start the engine again",
      ),
    ],
  }));
}

let count = 0;
/** @param {string} label @param {() => boolean} on @param {() => void} flip */
function toggle(label, on, flip) {
  const id = `setting-${++count}`;
  return h(
    "div",
    { class: "row" },
    h("label", { class: "label", for: id }, label),
    h("input", { type: "checkbox", role: "switch", class: "switch", id, checked: on, onchange: flip }),
  );
}

/** @param {any} host @param {Show} show */
function facts(host, show) {
  const pairs = [
    ["Version", host.version],
    ["Address", host.address],
    ["Device", [host.device?.name, host.device?.memory_gb && `${host.device.memory_gb} GB`].filter(Boolean).join(", ")],
    ["Torch", host.versions?.torch],
    ["Folder", host.base_dir],
    ["Watching", () => `${show.stats.value?.viewers ?? "–"} windows and views`],
  ];
  return h(
    "dl",
    { class: "keys" },
    pairs.filter(([, value]) => value).map(([name, value]) => [h("dt", { class: "quiet" }, name), h("dd", {}, value)]),
  );
}
