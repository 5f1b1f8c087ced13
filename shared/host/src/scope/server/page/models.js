/** Model files of pipelines: what is missing, its download with the plan confirmed first, verification, removal. */

import * as api from "./api.js";
import { confirmed, openDialog, say } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {{ file: string, present: boolean, size: number | null }} ModelFile */
/** @typedef {{ files: ModelFile[], downloaded: boolean, job: string | null }} PipelineModels */
/** @typedef {{ folder: string, free: number, pipelines: Record<string, PipelineModels> }} Found */

const KIND = "download";

export class Models {
  found = signal(/** @type {Found | null} */ (null));

  /** @param {import("./show.js").Show} show */
  constructor(show) {
    this.show = show;
  }

  refresh = () =>
    api.get("/models").then(
      (found) => (this.found.value = found),
      (error) => say(error.message),
    );

  /** @param {string} pipeline */
  missing(pipeline) {
    const models = this.found.value?.pipelines[pipeline];
    return Boolean(models && !models.downloaded);
  }

  /** @param {string} pipeline @returns {string | undefined} the id of the running download of the pipeline's models */
  running(pipeline) {
    const isIts = (/** @type {any} */ job) => job.kind === KIND && job.title === pipeline && job.state === "running";
    return this.show.jobs.value.find(isIts)?.id;
  }

  /** @param {string} pipeline @returns {HTMLElement | null} how its newest download ended, unless that went well */
  news(pipeline) {
    const job = this.show.jobs.value.find((one) => one.kind === KIND && one.title === pipeline);
    if (job?.state === "failed") return h("p", { class: "problem", role: "alert" }, api.asSentence(job.text));
    if (job?.state !== "cancelled") return null;
    return h(
      "p",
      { class: "quiet", role: "status" },
      job.text ?? "Canceled. What has been downloaded is kept; the download can resume.",
    );
  }

  /** @param {string} pipeline asks with sizes and licences first */
  async download(pipeline) {
    try {
      const plan = await api.post(`/models/${encodeURIComponent(pipeline)}/plan`);
      if (!(await agreed(pipeline, plan))) return;
      await api.post(`/models/${encodeURIComponent(pipeline)}/download`);
    } catch (error) {
      say(String(/** @type {Error} */ (error).message));
    }
    await this.refresh();
  }

  /** @param {string} pipeline */
  async verify(pipeline) {
    say("Checking the files…");
    const answer = await api
      .post(`/models/${encodeURIComponent(pipeline)}/verify`)
      .catch((error) => ({ problems: [error.message] }));
    say(answer.problems.join(" ") || "All files match their checksums.");
  }

  /** @param {string} pipeline */
  async remove(pipeline) {
    if (!(await confirmed(`Delete the model files of ${pipeline}?`, "Delete"))) return;
    const answer = await api.del(`/models/${encodeURIComponent(pipeline)}`).catch((error) => say(error.message));
    if (answer) say(`Freed ${bytes(answer.freed)}.`);
    await this.refresh();
  }
}

/**
 * @param {string} pipeline @param {{ files: Record<string, number | null>, total: number, free: number, licenses: Record<string, string> }} plan
 * @returns {Promise<boolean>}
 */
function agreed(pipeline, plan) {
  return new Promise((resolve) => {
    const dialog = openDialog(`Download the models of ${pipeline}`, (close) => ({
      body: [
        h(
          "ul",
          { class: "list" },
          Object.entries(plan.files).map(([file, size]) =>
            h(
              "li",
              {},
              h("span", { class: "grow" }, file),
              h("span", { class: "num quiet" }, size === null ? "size unknown" : bytes(size)),
            ),
          ),
        ),
        Object.entries(plan.licenses).map(([repository, license]) =>
          h("p", { class: "quiet" }, `${repository}: license ${license}`),
        ),
      ],
      foot: [
        h("span", { class: "grow quiet num" }, `${bytes(plan.total)} to download, ${bytes(plan.free)} free`),
        h("button", { type: "button", onclick: close }, "Not now"),
        h("button", { type: "button", class: "primary", onclick: () => (resolve(true), close()) }, "Download"),
      ],
    }));
    dialog.addEventListener("close", () => resolve(false));
  });
}

/** @param {number} size @returns {string} as 2.7 GB */
export function bytes(size) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = size < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${(size / 1000 ** power).toFixed(power > 2 ? 1 : 0)} ${units[power]}`;
}
