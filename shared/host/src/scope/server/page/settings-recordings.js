/** The page "Recordings" of the settings. */

import * as api from "./api.js";
import { confirmed, say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {{ name: string, size_mb: number, created_at: number | string, url: string }} Recording */

export function recordingsPage() {
  const recordings = signal(/** @type {Recording[] | null} */ (null));
  const tell = (/** @type {Error} */ error) => say(error.message);
  const refresh = () => api.get("/recordings").then((answer) => (recordings.value = answer.recordings), tell);
  void refresh();
  return [
    () =>
      recordings.value?.length === 0 &&
      h("p", { class: "quiet" }, "No recordings yet. Press the red button, or R, to start one."),
    h("ul", { class: "list" }, () => (recordings.value ?? []).map((one) => entry(one, refresh, tell))),
  ];
}

/** @param {Recording} recording @param {() => Promise<any>} refresh @param {(error: Error) => void} tell */
function entry({ name, size_mb: size, url }, refresh, tell) {
  const remove = async () => {
    if (await confirmed(`Delete ${name}?`, "Delete"))
      await api.del(`/recordings/${encodeURIComponent(name)}`).catch(tell);
    await refresh();
  };
  return h(
    "li",
    {},
    h("a", { class: "item", href: url, download: name }, name, h("small", {}, `${size} MB`)),
    iconButton("bin", `Delete ${name}`, remove),
  );
}
