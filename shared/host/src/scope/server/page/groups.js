/** How fields stand together in a panel: an effect's amount as the head of its group, its other controls behind it. */

/** @typedef {import("./fields.js").Field} Field */
/**
 * @typedef {object} Group
 * @property {string} key stable among all groups of a panel
 * @property {string} title "" for a field on its own
 * @property {Field | null} head the control that stands in the group's title line
 * @property {Field[]} fields the others
 * @property {string} component
 */

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
 * @returns {Group[]} in the order of each group's first field
 */
export function grouped(fields) {
  const prefix = commonPrefix(fields.map((field) => field.name));
  const heads = fields.filter((head) => fields.some((field) => field.name.startsWith(`${head.name}_`)));
  /** @type {Map<string, Field[]>} */
  const byKey = new Map();
  for (const field of fields) {
    const key = keyOf(field, heads, prefix);
    byKey.set(key, [...(byKey.get(key) ?? []), field]);
  }
  return [...byKey].flatMap(([key, members]) => groupsOf(key, members));
}

/** @param {Field} field @param {Field[]} heads @param {string} prefix */
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
  return [{ key, title, head, fields: rest, component: "" }];
}

/** @param {string} component @param {Field[]} members @returns {Group} */
function componentGroup(component, members) {
  return { key: `:${component}`, title: TITLES[component], head: null, fields: members, component };
}

/** @param {Field} field @returns {Group} */
const single = (field) => ({ key: field.name, title: "", head: field, fields: [], component: "" });

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
