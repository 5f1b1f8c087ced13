/** How far a download or an install is, and a way to stop it. */

import * as api from "./api.js";
import { say } from "./dialogs.js";
import { h } from "./dom.js";

/**
 * Its elements stay while it moves, so that the button can be pressed and keeps the focus.
 * @param {import("./show.js").Show} show @param {string} id a running job's
 */
export function progress(show, id) {
  const job = () => show.jobs.value.find((one) => one.id === id);
  const share = () => job()?.share ?? null;
  const cancel = () => api.post(`/jobs/${encodeURIComponent(id)}/cancel`).catch((error) => say(error.message));
  return h(
    "div",
    { class: "progress" },
    h("p", { class: "quiet num", role: "status" }, () => job()?.step ?? ""),
    h(
      "div",
      {
        class: () => (share() === null ? "bar-graph unknown" : "bar-graph"),
        role: "progressbar",
        "aria-label": job()?.title,
        "aria-valuenow": () => (share() === null ? null : String(Math.round(100 * share()))),
      },
      h("i", { style: { "--share": () => String(share() ?? 0) } }),
    ),
    h("button", { type: "button", onclick: cancel }, "Cancel"),
  );
}
