/** Choosing a pipeline for a new stage. */

import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./document.js").Stage["role"]} Role */

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
      const { stages } = show.setup.peek();
      const taken = stages.map((stage) => stage.id);
      const stage = { id: freeId(pipeline.id, taken), pipeline: pipeline.id, version: pipeline.version, role };
      const rolesOfId = (/** @type {string} */ id) => rolesOf(show.pipelines.peek()[id] ?? {});
      if (await edit.patch(additions(stages, stage, rolesOfId), `Add ${pipeline.name}`)) added(stage.id);
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
  const main = role === "main" && show.setup.value.stages.find((stage) => stage.role === "main");
  const replaced = main && rolesOf(show.pipelines.value[main.pipeline] ?? {})[0] === "main" && main;
  const name = replaced && (show.pipelines.value[replaced.pipeline]?.name ?? replaced.pipeline);
  return [
    h("h3", { class: "quiet" }, HEADINGS[role], name && h("span", { class: "faint" }, ` (replaces ${name})`)),
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
 * The new stage behind the others of its role. A new main pipeline takes the old one's place; one that is there only because
 * it stood alone, such as an effect, makes room and stays.
 * @param {import("./document.js").Stage[]} stages @param {{ id: string, pipeline: string, version: string | null, role: Role }} stage
 * @param {(pipeline: string) => Role[]} rolesOf the roles that a pipeline is made for
 * @returns {{ op: "add" | "replace", path: string, value: any }[]}
 */
export function additions(stages, stage, rolesOf) {
  const value = { ...stage, on: true, mode: null, load: {}, values: {} };
  const main = stages.findIndex((one) => one.role === "main");
  if (stage.role === "main" && main >= 0) {
    const [role] = rolesOf(stages[main].pipeline);
    if (role === "main") return [{ op: "replace", path: `/stages/${main}`, value }];
    const aside = /** @type {const} */ ({ op: "replace", path: `/stages/${main}/role`, value: role });
    return [aside, { op: "add", path: `/stages/${role === "pre" ? main + 1 : main}`, value }];
  }
  const at = stages.filter((one) => ORDER.indexOf(one.role) <= ORDER.indexOf(stage.role)).length;
  return [{ op: "add", path: `/stages/${at}`, value }];
}
