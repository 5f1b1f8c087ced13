/** The head of a stage's panel: name, dice, menu, switch; and what these do. */

import * as api from "./api.js";
import { thrown } from "./dice.js";
import { openMenu, say } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { pointer } from "./patch.js";
import { newGesture } from "./slider.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
/** @typedef {import("./fields.js").Field} Field */
/** @typedef {{ show: Show, edit: Edit, id: string, pipeline: import("./signals.js").Signal<any>, fields: import("./signals.js").Signal<Field[]> }} Head */

const ROLES = { pre: "before the main pipeline", main: "main pipeline", post: "after the main pipeline" };

/** @param {Head} head @returns {HTMLElement} */
export function stageHead({ show, edit, id, pipeline, fields }) {
  const stage = () => show.stage(id);
  const title = () => pipeline.value?.name ?? stage()?.pipeline ?? "";
  const more = iconButton("more", "More of this stage", () => openMenu(more, stageMenu(show, edit, id)));
  return h(
    "header",
    {},
    h(
      "div",
      { class: "head" },
      h("h2", {}, title),
      h(
        "small",
        { title: () => `${title()} ${pipeline.value?.version ?? ""}, ${ROLES[stage()?.role ?? "main"]}` },
        () => (id === stage()?.pipeline ? pipeline.value?.version : id),
      ),
      h("span", { class: "grow" }),
      iconButton("dice", "Randomize the values (D)", () => rollDice(show, edit, id, fields.peek()), {
        "data-act": "dice",
      }),
      more,
      h("input", {
        type: "checkbox",
        role: "switch",
        class: "switch",
        "aria-label": () => `${title()} on`,
        title: "On or off (B)",
        checked: () => stage()?.on ?? false,
        onchange: () => flipStage(show, edit, id),
        "data-act": "on",
      }),
    ),
  );
}

/** @param {Show} show @param {Edit} edit @param {string} id */
export function flipStage(show, edit, id) {
  const on = show.setup.peek().stages.find((stage) => stage.id === id)?.on;
  return edit.patch([{ op: "replace", path: pointer("stages", id, "on"), value: !on }], `${id} ${on ? "off" : "on"}`);
}

/** @param {Show} show @param {Edit} edit @param {string} id @param {Field[]} fields */
export function rollDice(show, edit, id, fields) {
  const values = thrown(fields, show.stage(id)?.pipeline ?? "", (field) => show.initial(id, field), Math.random);
  if (Object.keys(values).length) edit.set(id, values, newGesture());
}

/** @param {Show} show @param {Edit} edit @param {string} id */
function stageMenu(show, edit, id) {
  const stages = show.setup.peek().stages;
  const at = stages.findIndex((stage) => stage.id === id);
  const beside = (/** @type {number} */ step) => stages[at + step]?.role === stages[at]?.role;
  const move = (/** @type {number} */ step) =>
    edit.patch([{ op: "move", from: pointer("stages", id), path: pointer("stages", at + step) }], `Move ${id}`);
  const set = Object.keys(stages[at]?.values ?? {});
  return [
    { label: "Move left", icon: icon("left"), disabled: !beside(-1), run: () => move(-1) },
    { label: "Move right", icon: icon("right"), disabled: !beside(1), run: () => move(1) },
    { label: "Reset all values", icon: icon("reset"), disabled: !set.length, run: () => edit.unset(id, set) },
    { label: "Reload", icon: icon("redo"), run: () => reload(id) },
    { label: "Remove from the chain", icon: icon("bin"), run: () => removeStage(edit, id) },
  ];
}

/** @param {Edit} edit @param {string} id */
export const removeStage = (edit, id) => edit.patch([{ op: "remove", path: pointer("stages", id) }], `Remove ${id}`);

/** @param {string} id */
export async function reload(id) {
  try {
    await api.post(`/stages/${encodeURIComponent(id)}/reload`);
  } catch (error) {
    say(String(/** @type {Error} */ (error).message));
  }
}
