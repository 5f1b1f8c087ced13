/** The page "Log" of the settings: what server and engine wrote last. */

import * as api from "./api.js";
import { h } from "./dom.js";
import { onCleanup, signal } from "./signals.js";

const EVERY_MS = 2000;
const LINES = 200;

export function logPage() {
  const lines = signal(/** @type {string[]} */ ([]));
  let offset = 0;
  const read = async () => {
    const answer = await api.get(`/logs/tail?lines=${LINES}&since_offset=${offset}`).catch(() => null);
    if (!answer) return;
    const restarted = answer.offset < offset;
    offset = answer.offset;
    if (answer.lines.length || restarted)
      lines.value = [...(restarted ? [] : lines.peek()), ...answer.lines].slice(-LINES);
  };
  void read();
  const timer = setInterval(read, EVERY_MS);
  onCleanup(() => clearInterval(timer));
  return [h("pre", { class: "log", tabIndex: 0, "aria-label": "Log" }, () => lines.value.join("\n") || "Nothing yet.")];
}
