/** The page "Plugins" of the settings: what is installed and from where, what is wrong with it, and changes. */

import * as api from "./api.js";
import { h, iconButton } from "./dom.js";
import { progress } from "./progress.js";
import { computed, effect, signal, untracked } from "./signals.js";

/** @typedef {import("./plugins.js").Plugins} Plugins */
/** @typedef {import("./plugins.js").Plugin} Plugin */

/** @param {Plugins} plugins */
export function pluginsPage(plugins) {
  const asked = new Set();
  const turn = computed(() => `${plugins.job()?.id} ${plugins.job()?.state}`);
  effect(() => {
    const job = turn.value && untracked(() => plugins.job());
    if (job?.state !== "running") void plugins.refresh();
    if (!job?.result?.needs_build || asked.has(job.id)) return;
    asked.add(job.id);
    void plugins.findWithBuild(job);
  });
  return [
    installForm(plugins),
    () => turn.value && untracked(() => news(plugins)),
    () => differs(plugins),
    () => ownFirst(plugins.found.value?.plugins ?? []).map((plugin) => section(plugins, plugin)),
    () => foot(plugins),
  ];
}

/** @param {Plugin[]} list @returns {Plugin[]} what can be changed here before what comes with the host */
const ownFirst = (list) => [...list.filter((one) => !one.bundled), ...list.filter((one) => one.bundled)];

/** @param {Plugins} plugins */
function installForm(plugins) {
  const spec = signal("");
  const editable = signal(false);
  const isPath = () => /^([./~\\]|[A-Za-z]:\\)/.test(spec.value) && !spec.value.endsWith(".whl");
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (await plugins.install(spec.peek().trim(), isPath() && editable.peek())) spec.value = "";
  };
  return h(
    "form",
    { class: "install", onsubmit: submit },
    h("label", { for: "plugin-spec" }, "Install a plugin"),
    h("input", {
      id: "plugin-spec",
      class: "text",
      type: "text",
      value: () => spec.value,
      placeholder: "Name, repository address, folder or wheel",
      autocomplete: "off",
      spellcheck: false,
      oninput: (/** @type {any} */ event) => (spec.value = event.target.value),
    }),
    h("button", { type: "submit", class: "primary", disabled: () => !spec.value.trim() || busy(plugins) }, () =>
      plugins.planning.value ? "Looking…" : "Install…",
    ),
    () =>
      isPath() &&
      h(
        "label",
        { class: "quiet" },
        h("input", {
          type: "checkbox",
          checked: editable.peek(),
          onchange: (/** @type {any} */ event) => (editable.value = event.target.checked),
        }),
        " Editable: later edits to the folder take effect",
      ),
  );
}

/** @param {Plugins} plugins */
const busy = (plugins) => plugins.planning.value || plugins.job()?.state === "running";

/** @param {Plugins} plugins how far a change is, or why it failed */
function news(plugins) {
  const job = plugins.job();
  if (job?.state === "running") return progress(plugins.show, job.id);
  if (job?.state === "failed") return h("p", { class: "problem", role: "alert" }, api.asSentence(job.text));
  if (job?.state === "cancelled") return h("p", { class: "quiet" }, "Canceled; nothing was changed.");
  return job?.result?.notes?.map((/** @type {string} */ note) => h("p", { class: "quiet" }, note));
}

/** @param {Plugins} plugins */
function differs(plugins) {
  const lines = plugins.found.value?.not_installed ?? [];
  const gone = plugins.found.value?.not_wanted ?? [];
  if (!lines.length && !gone.length) return null;
  return h(
    "div",
    { class: "pair" },
    h("p", { class: "grow quiet" }, `plugins.txt differs from what is installed: ${[...lines, ...gone].join(", ")}`),
    h("button", { type: "button", disabled: () => busy(plugins), onclick: plugins.reconcile }, "Apply plugins.txt…"),
  );
}

/** @param {Plugins} plugins @param {Plugin} plugin */
function section(plugins, plugin) {
  const pipelines = plugin.pipelines.map((one) => one.pipeline_name).join(", ");
  const commit =
    plugin.origin === "git" && !plugin.place.includes(plugin.commit) ? ` at ${plugin.commit.slice(0, 12)}` : "";
  const place = plugin.bundled ? "Comes with Scope" : `${plugin.place}${commit}`;
  const { name, latest_version: latest } = plugin;
  return h(
    "section",
    { class: "block", "aria-label": name },
    h(
      "div",
      { class: "pair" },
      h("h3", {}, name),
      h("span", { class: "quiet num" }, plugin.version),
      plugin.editable && !plugin.bundled && h("span", { class: "tag" }, "editable"),
      h("span", { class: "grow" }),
      latest &&
        h(
          "button",
          { type: "button", disabled: () => busy(plugins), onclick: () => plugins.update(name) },
          `Update to ${latest}…`,
        ),
      !plugin.bundled &&
        iconButton("bin", `Uninstall ${name}`, () => plugins.uninstall(name), { disabled: () => busy(plugins) }),
    ),
    h("p", { class: "faint clip" }, place),
    h("p", { class: "quiet" }, pipelines || "No pipelines"),
    plugin.problems.map((problem) => h("p", { class: "problem" }, problem)),
  );
}

/** @param {Plugins} plugins */
function foot(plugins) {
  const earlier = plugins.found.value?.earlier;
  return h(
    "div",
    { class: "inline" },
    h(
      "button",
      { type: "button", class: "raised", disabled: () => busy(plugins), onclick: plugins.findUpdates },
      "Check for updates",
    ),
    earlier &&
      h(
        "button",
        { type: "button", class: "raised", disabled: () => busy(plugins), onclick: () => plugins.rollback() },
        `Roll back to generation ${earlier}…`,
      ),
  );
}
