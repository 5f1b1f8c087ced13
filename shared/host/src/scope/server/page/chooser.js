/** Choosing a pipeline for a new stage. */

import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./show.js").Stage["role"]} Role */

const ORDER = /** @type {Role[]} */ (["pre", "main", "post"]);
const HEADINGS = { pre: "Before the main pipeline", main: "Main pipeline", post: "After the main pipeline" };

/** @param {Show} show @param {import("./edit.js").Edit} edit @param {(id: string) => void} added */
export function openChooser(show, edit, added) {
  const wanted = signal("");
  openDialog("Add a stage", (close) => {
    const search = h("input", {
      type: "search",
      placeholder: "Search",
      "aria-label": "Search pipelines",
      autofocus: true,
      oninput: () => (wanted.value = search.value.toLowerCase()),
    });
    const pick = async (/** @type {any} */ pipeline, /** @type {Role} */ role) => {
      const id = freeId(
        pipeline.id,
        show.setup.peek().stages.map((stage) => stage.id),
      );
      if (
        await edit.patch(
          additions(show.setup.peek().stages, { id, pipeline: pipeline.id, version: pipeline.version, role }),
          `Add ${pipeline.name}`,
        )
      )
        added(id);
      close();
    };
    return {
      body: [h("div", { class: "inline" }, search), () => ORDER.map((role) => section(show, role, wanted.value, pick))],
    };
  });
}

/** @param {Show} show @param {Role} role @param {string} wanted @param {(pipeline: any, role: Role) => void} pick */
function section(show, role, wanted, pick) {
  const fitting = Object.values(show.pipelines.value).filter(
    (one) => rolesOf(one).includes(role) && matches(one, wanted),
  );
  if (!fitting.length) return [];
  const replaced = role === "main" && show.setup.value.stages.find((stage) => stage.role === "main");
  const name = replaced && (show.pipelines.value[replaced.pipeline]?.name ?? replaced.pipeline);
  return [
    h("h3", { class: "quiet" }, HEADINGS[role], name && h("span", { class: "faint" }, ` – takes the place of ${name}`)),
    h(
      "ul",
      { class: "list" },
      fitting.map((one) =>
        h(
          "li",
          {},
          item(one, () => pick(one, role)),
        ),
      ),
    ),
  ];
}

/** @param {any} pipeline @param {() => void} onclick */
function item(pipeline, onclick) {
  const needs = pipeline.estimated_vram_gb && h("span", { class: "tag" }, `${pipeline.estimated_vram_gb} GB`);
  return h(
    "button",
    { type: "button", class: "item", "data-pipeline": pipeline.id, onclick },
    h("strong", {}, pipeline.name, " "),
    needs,
    h("small", {}, pipeline.description),
  );
}

/** @param {any} pipeline @returns {Role[]} */
export function rolesOf(pipeline) {
  const usage = /** @type {string[]} */ (pipeline.usage ?? []);
  /** @type {Role[]} */
  const roles = [];
  if (usage.includes("preprocessor")) roles.push("pre");
  if (usage.includes("postprocessor")) roles.push("post");
  return roles.length ? roles : ["main"];
}

/** @param {any} pipeline @param {string} wanted */
const matches = (pipeline, wanted) =>
  `${pipeline.id} ${pipeline.name} ${pipeline.description}`.toLowerCase().includes(wanted);

/** @param {string} base @param {string[]} taken @returns {string} `fx`, else `fx-2`, `fx-3`… */
export function freeId(base, taken) {
  const clean = base.replaceAll(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z]+/, "") || "stage";
  for (let count = 1; ; count++) {
    const id = count === 1 ? clean : `${clean}-${count}`;
    if (!taken.includes(id)) return id;
  }
}

/**
 * @param {import("./show.js").Stage[]} stages @param {{ id: string, pipeline: string, version: string | null, role: Role }} stage
 * @returns {{ op: "add" | "replace", path: string, value: any }[]} the new stage behind the others of its role, or in place of the main one
 */
export function additions(stages, stage) {
  const value = { ...stage, on: true, mode: null, load: {}, values: {} };
  const main = stages.findIndex((one) => one.role === "main");
  if (stage.role === "main" && main >= 0) return [{ op: "replace", path: `/stages/${main}`, value }];
  const at = stages.filter((one) => ORDER.indexOf(one.role) <= ORDER.indexOf(stage.role)).length;
  return [{ op: "add", path: `/stages/${at}`, value }];
}
