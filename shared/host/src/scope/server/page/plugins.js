/** Plugins: what is installed, and changes of it. Each is planned and agreed to first, then runs as a job. */

import * as api from "./api.js";
import { confirmed, openDialog, say } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/**
 * @typedef {{ name: string, version: string, description: string, editable: boolean, place: string, origin: string,
 *   pipelines: { pipeline_id: string, pipeline_name: string }[], latest_version: string | null, bundled: boolean,
 *   commit: string, problems: string[] }} Plugin
 * @typedef {{ plugins: Plugin[], generation: number | null, earlier: number | null, not_installed: string[],
 *   not_wanted: string[] }} Found
 * @typedef {{ id: string | null, digest: string | null, needed: boolean, summary: string[], notes: string[],
 *   rights: string, needs_build: string | null }} Plan
 */

const KIND = "plugins";

export class Plugins {
  found = signal(/** @type {Found | null} */ (null));
  planning = signal(false);

  /** @param {import("./show.js").Show} show */
  constructor(show) {
    this.show = show;
  }

  refresh = () =>
    api.get("/plugins").then(
      (found) => (this.found.value = found),
      (error) => say(error.message),
    );

  /** @returns {any} the newest change, running or ended */
  job() {
    return this.show.jobs.value.find((job) => job.kind === KIND);
  }

  /** @param {string} spec @param {boolean} editable */
  install = (spec, editable) => this.change(`Install ${spec}`, { add: [spec], editable });
  /** @param {string} name */
  update = (name) => this.change(`Update ${name}`, { upgrade: [name] });
  /** @param {string} name */
  uninstall = (name) => this.change(`Uninstall ${name}`, { remove: [name] });
  reconcile = () => this.change("Install what plugins.txt names", {});

  /**
   * @param {string} title @param {any} wanted the body of a plan
   * @returns {Promise<boolean>} whether the change was begun
   */
  async change(title, wanted) {
    this.planning.value = true;
    const plan = await api.post("/plugins/plan", wanted).catch((error) => say(error.message));
    this.planning.value = false;
    if (!plan) return false;
    if (plan.needs_build) {
      if (!(await confirmed(`${plan.needs_build} Run it?`, "Run it"))) return false;
      return this.change(title, { ...wanted, allow_build: true });
    }
    if (!plan.needed) say("Nothing to do: it is installed already.");
    if (!plan.needed || !(await agreed(title, plan))) return false;
    return this.begin("/plugins/apply", { id: plan.id, digest: plan.digest });
  }

  async rollback() {
    const earlier = this.found.peek()?.earlier;
    if (await confirmed(`Roll back to the plugins of generation ${earlier}?`, "Roll back"))
      await this.begin("/plugins/rollback", { generation: earlier });
  }

  findUpdates = () => this.begin("/plugins/updates", {});

  /** @param {any} job what the sources were asked for, and could not say without running a build script */
  async findWithBuild(job) {
    if (await confirmed(`${job.result.needs_build} Run it?`, "Run it"))
      await this.begin("/plugins/updates", { allow_build: true });
  }

  /** @param {string} path @param {any} body */
  async begin(path, body) {
    const started = await api.post(path, body).catch((error) => say(error.message));
    return Boolean(started);
  }
}

/** @param {string} title @param {Plan} plan @returns {Promise<boolean>} */
function agreed(title, plan) {
  return new Promise((resolve) => {
    const dialog = openDialog(title, (close) => ({
      body: [
        h(
          "ul",
          { class: "list plan" },
          plan.summary.map((line) => h("li", {}, line)),
        ),
        plan.notes.map((note) => h("p", { class: "quiet" }, note)),
      ],
      foot: [
        h("span", { class: "grow quiet" }, plan.rights),
        h("button", { type: "button", onclick: close }, "Not now"),
        h("button", { type: "button", class: "primary", onclick: () => (resolve(true), close()) }, "Continue"),
      ],
    }));
    dialog.addEventListener("close", () => resolve(false));
  });
}
