/** How fields stand together in a panel: an effect's amount as the head of its group, its other controls behind it. */

import { isActive } from "./values.js";

/** @typedef {import("./fields.js").Field} Field */
/**
 * @typedef {object} Group
 * @property {string} key stable among all groups of a panel
 * @property {string} title "" for a field on its own
 * @property {Field | null} head the control that stands in the group's title line
 * @property {Field[]} fields the others
 * @property {string} component
 * @property {string} section the title it stands under, "" for none
 */
/** @typedef {{ title: string, groups: Group[] }} Section */

const PINNED = "Pinned";
const OTHER = "Other";
const TITLES = /** @type {Record<string, string>} */ ({
  vace: "VACE",
  lora: "LoRA",
  resolution: "Resolution",
  cache: "Cache",
  denoising_steps: "Denoising",
  noise: "Noise",
  quantization: "Quantization",
  image: "Images",
  audio: "Sound",
});

/**
 * @param {Field[]} fields in the order they are shown in
 * @param {string} pipeline its id: a few fields that begin with it are about the whole pipeline, and stand alone
 * @returns {Group[]} in the order of each group's first field
 */
export function grouped(fields, pipeline = "") {
  const prefix = commonPrefix(fields.map((field) => field.name));
  const heads = headsOf(fields);
  /** @type {Map<string, Field[]>} */
  const byKey = new Map();
  for (const field of fields) {
    const key = isWide(field, fields, pipeline) ? `${field.name}:` : keyOf(field, heads, prefix);
    byKey.set(key, [...(byKey.get(key) ?? []), field]);
  }
  return [...byKey].flatMap(([key, members]) => groupsOf(key, members));
}

/**
 * Fields that others carry the name of: amounts. One inside another's group is an amount of its own only where it is off by
 * default: `edge_glow` beside `edge`, but not `key_behind` beside `key`.
 * @param {Field[]} fields
 * @returns {Field[]} the longest name first: `edge_glow_hue` belongs to `edge_glow`, not to `edge`
 */
function headsOf(fields) {
  const isInside = (/** @type {Field} */ one, /** @type {Field} */ head) => one.name.startsWith(`${head.name}_`);
  const candidates = fields.filter((head) => fields.some((field) => isInside(field, head)));
  return candidates
    .filter((head) => !isActive(head.initial) || !candidates.some((other) => isInside(head, other)))
    .sort((a, b) => b.name.length - a.name.length);
}

/**
 * @param {Field} field @param {Field[]} fields all of its panel @param {string} pipeline
 * @returns {boolean} whether it carries the pipeline's name where most fields do not: `fx_amount` beside `bloom` and `trails`
 */
export function isWide(field, fields, pipeline) {
  const mark = `${pipeline}_`;
  return pipeline !== "" && field.name.startsWith(mark) && commonPrefix(fields.map((one) => one.name)) !== mark;
}

/** @param {Field} field @param {Field[]} heads the longest name first @param {string} prefix */
function keyOf(field, heads, prefix) {
  if (field.component) return `:${field.component}`;
  const head = heads.find((one) => !one.component && (one === field || field.name.startsWith(`${one.name}_`)));
  return head?.name ?? firstWord(field.name.slice(prefix.length));
}

/** @param {string} key @param {Field[]} members @returns {Group[]} */
function groupsOf(key, members) {
  if (key.startsWith(":")) return [componentGroup(key.slice(1), members)];
  const head = members.find((field) => field.name === key) ?? null;
  if (members.length < (head ? 2 : 3)) return members.map(single);
  const title = head?.label ?? capital(key);
  const rest = members.filter((field) => field !== head).map((field) => shortened(field, title));
  return [{ key, title, head, fields: rest, component: "", section: members[0].group }];
}

/** @param {string} component @param {Field[]} members @returns {Group} */
function componentGroup(component, members) {
  return {
    key: `:${component}`,
    title: TITLES[component],
    head: null,
    fields: members,
    component,
    section: members[0].group,
  };
}

/** @param {Field} field @returns {Group} */
export const single = (field) => ({
  key: field.name,
  title: "",
  head: field,
  fields: [],
  component: "",
  section: field.group,
});

/**
 * Groups under their sections' titles. What stands before the first section stays on top, then come the pinned groups; what has
 * no section after that comes last.
 * @param {Group[]} groups @param {string[]} pinned keys
 * @returns {Section[]} without empty ones
 */
export function sectioned(groups, pinned = []) {
  const isPinned = (/** @type {Group} */ group) => pinned.includes(group.key);
  const rest = groups.filter((group) => !isPinned(group));
  const first = rest.findIndex((group) => group.section);
  const [top, below] = first < 0 ? [rest, []] : [rest.slice(0, first), rest.slice(first)];
  const titles = [...new Set(below.map((group) => group.section).filter(Boolean))];
  const sections = titles.map((title) => ({ title, groups: below.filter((group) => group.section === title) }));
  return [
    { title: "", groups: top },
    { title: PINNED, groups: groups.filter(isPinned) },
    ...sections,
    { title: OTHER, groups: below.filter((group) => !group.section) },
  ].filter((section) => section.groups.length);
}

/** @param {Group} group @param {string} words @returns {boolean} whether its own title, its section's or its amount's says the words */
export function isCalled({ head, title, section }, words) {
  return has(`${title} ${section} ${head?.label ?? ""} ${head?.name ?? ""}`, words);
}

/** @param {Field} field @param {string} words */
export const fieldHas = (field, words) => has(`${field.label} ${field.name}`, words);

/** @param {string} text @param {string} words */
const has = (text, words) => text.toLowerCase().includes(words.toLowerCase());

/** @param {Field} field @param {string} title @returns {Field} "Trails zoom" under "Trails" is "Zoom" */
function shortened(field, title) {
  const rest = field.label.toLowerCase().startsWith(`${title.toLowerCase()} `)
    ? field.label.slice(title.length + 1)
    : "";
  return rest ? { ...field, label: capital(rest) } : field;
}

/** @param {string} name */
const firstWord = (name) => name.split("_")[0];

/** @param {string} text */
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/**
 * `synth_` where most names start with it: a plugin's own mark says nothing inside its own panel.
 * @param {string[]} names
 */
function commonPrefix(names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) if (name.includes("_")) counts.set(firstWord(name), (counts.get(firstWord(name)) ?? 0) + 1);
  const [word, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
  return names.length > 3 && count > (2 / 3) * names.length ? `${word}_` : "";
}
