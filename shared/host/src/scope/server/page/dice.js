/** What a dice throws: other values, near enough to the defaults to be usable. Pure. */

import { grouped, isWide } from "./groups.js";
import { isActive, stepped } from "./values.js";

/** @typedef {import("./fields.js").Field} Field */

/** So many of a panel's effects are on after a throw, on average: all of them at once are mud. */
const MOST_ON = 3;

/**
 * Controls of the whole pipeline stay: its tempo, its look and how much of it there is are no effects.
 * @param {Field[]} fields of a stage @param {string} pipeline @param {(field: Field) => any} initial their defaults @param {() => number} random in [0, 1)
 * @returns {Record<string, any>} the values thrown; a group whose amount comes to rest at its default keeps its other controls
 */
export function thrown(fields, pipeline, initial, random) {
  const shown = fields.filter((field) => field.panel === "settings");
  const groups = grouped(shown.filter((field) => !isWide(field, shown, pipeline)));
  const amounts = groups.filter((group) => group.title && group.head && !isActive(initial(group.head)));
  const chance = MOST_ON / Math.max(amounts.length, 2 * MOST_ON);
  const values = groups.flatMap((group) => {
    const { head, fields: rest } = group;
    const members = [...(head ? [head] : []), ...rest];
    const stays = head && amounts.includes(group) && random() >= chance;
    if (stays) return [[head.name, initial(head)]];
    return members.map((field) => [field.name, diced(field, initial(field), random)]);
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/**
 * A value at random: sliders fall near their default more often than far away, so that a throw is usable.
 * Text, pictures, seeds and load settings stay.
 * @param {Field} field @param {any} initial the default @param {() => number} random in [0, 1)
 * @returns {any} undefined where the dice leave the field alone
 */
function diced(field, initial, random) {
  if (field.load || field.panel !== "settings" || field.component) return undefined;
  if (field.kind === "toggle") return random() < 0.5;
  if (field.kind === "menu") return field.options[Math.floor(random() * field.options.length)].value;
  if (field.kind !== "slider" || field.min === undefined || field.max === undefined) return undefined;
  const target = field.min + random() * (field.max - field.min);
  const from = typeof initial === "number" ? initial : field.min;
  return stepped(field, from + (target - from) * random());
}
