/**
 * From a pipeline's JSON schema to the controls that a panel shows. Pure: no DOM.
 *
 * The rules are those of the plugin contract; where the original host draws a wrong control (optional enums, optional
 * bounded numbers, integer literals, one-value literals) this one draws the right one.
 */

import { isShown } from "./inherited.js";

/** @typedef {"toggle" | "menu" | "slider" | "number" | "text" | "steps" | "images" | "image" | "audio" | "list" | "json"} Kind */
/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} help
 * @property {Kind} kind
 * @property {"settings" | "input" | "more"} panel
 * @property {number} order
 * @property {boolean} load needs a reload to apply
 * @property {boolean} nullable may have no value
 * @property {boolean} integer
 * @property {string} component the widget it is drawn in, "" for none
 * @property {string} group the section of the panel it stands in, "" for none
 * @property {string[]} modes the modes it shows in, empty for all
 * @property {any} initial the schema's default
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} step
 * @property {{ value: any, label: string }[]} options of a menu
 * @property {"integer" | "number" | "string"} [items] what a list holds
 */
/** @typedef {Record<string, any>} Schema */

const COMPONENTS = [
  "vace",
  "lora",
  "resolution",
  "cache",
  "denoising_steps",
  "noise",
  "quantization",
  "image",
  "audio",
];
/** A slider over more whole numbers than this is no use: a seed is typed. */
const MOST_SLIDER_STEPS = 100_000;

/**
 * Every field of a pipeline in the order it is shown in.
 * @param {Schema} pipeline an entry of the pipeline list: metadata and `config_schema`
 * @returns {Field[]}
 */
export function fieldsOf(pipeline) {
  const schema = pipeline.config_schema;
  const fields = Object.entries(schema.properties ?? {})
    .filter(([name, property]) => isShown(name, property, pipeline))
    .map(([name, property]) => fieldOf(name, property, schema.$defs ?? {}));
  return fields.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
}

/**
 * @param {string} name
 * @param {Schema} property
 * @param {Record<string, Schema>} [defs]
 * @returns {Field}
 */
export function fieldOf(name, property, defs = {}) {
  const { type, nullable } = concrete(property, defs);
  const ui = property.ui ?? {};
  const integer = type.type === "integer";
  const component = COMPONENTS.includes(ui.component) ? ui.component : "";
  const field = {
    name,
    label: ui.label ?? titled(name),
    help: property.description ?? type.description ?? "",
    panel: panelOf(property.ui),
    order: ui.order ?? 999,
    load: ui.is_load_param ?? false,
    nullable,
    integer,
    component,
    group: typeof ui.group === "string" ? ui.group : "",
    modes: ui.modes ?? [],
    initial: property.default ?? null,
    min: type.minimum ?? type.exclusiveMinimum,
    max: type.maximum ?? type.exclusiveMaximum,
    step: stepOf(type),
    options: optionsOf(type, nullable),
    items: type.items?.type,
  };
  return { ...field, kind: kindOf(type, component, nullable) };
}

/** @param {Schema | undefined} ui @returns {Field["panel"]} */
function panelOf(ui) {
  if (!ui) return "more";
  return ui.category === "input" ? "input" : "settings";
}

/**
 * The first alternative that is not null, with references followed.
 * @param {Schema} property @param {Record<string, Schema>} defs
 * @returns {{ type: Schema, nullable: boolean }}
 */
function concrete(property, defs) {
  let type = property;
  let nullable = false;
  for (let depth = 0; depth < 8; depth++) {
    const choices = type.anyOf ?? type.oneOf;
    if (choices) {
      nullable ||= choices.some((/** @type {Schema} */ one) => one.type === "null");
      type = choices.find((/** @type {Schema} */ one) => one.type !== "null") ?? {};
    } else if (type.allOf?.length === 1) type = type.allOf[0];
    else if (type.$ref) type = defs[type.$ref.split("/").pop()] ?? {};
    else break;
  }
  return { type, nullable };
}

/** @param {Schema} type @param {string} component @param {boolean} nullable @returns {Kind} */
function kindOf(type, component, nullable) {
  if (type.enum || "const" in type) return "menu";
  switch (type.type) {
    case "boolean":
      return nullable ? "menu" : "toggle";
    case "integer":
    case "number":
      return hasSlider(type) ? "slider" : "number";
    case "string":
      return component === "image" || component === "audio" ? component : "text";
    case "array":
      return arrayKind(type, component);
    default:
      return "json";
  }
}

/** @param {Schema} type @param {string} component @returns {Kind} */
function arrayKind(type, component) {
  const items = type.items?.type;
  if (type.prefixItems) return "json";
  if (component === "denoising_steps" && items === "integer") return "steps";
  if ((component === "vace" || component === "image") && items === "string") return "images";
  return ["integer", "number", "string"].includes(items) ? "list" : "json";
}

/** @param {Schema} type */
function hasSlider(type) {
  if (type.minimum === undefined || type.maximum === undefined) return false;
  return type.type === "number" || type.maximum - type.minimum <= MOST_SLIDER_STEPS;
}

/** @param {Schema} type */
function stepOf(type) {
  if (type.multipleOf) return type.multipleOf;
  if (type.type === "integer") return 1;
  const span = (type.maximum ?? Infinity) - (type.minimum ?? -Infinity);
  if (span >= 100 && span < Infinity) return 0.1;
  return span > 0 && span < 0.5 ? 10 ** Math.floor(Math.log10(span / 50)) : 0.01;
}

/** @param {Schema} type @param {boolean} nullable */
function optionsOf(type, nullable) {
  const values =
    type.enum ?? ("const" in type ? [type.const] : type.type === "boolean" && nullable ? [true, false] : []);
  const options = values.map((/** @type {any} */ value) => ({ value, label: optionLabel(value) }));
  return nullable && options.length ? [{ value: null, label: "Automatic" }, ...options] : options;
}

/** @param {any} value */
function optionLabel(value) {
  if (typeof value === "boolean") return value ? "On" : "Off";
  return typeof value === "string" ? titled(value) : String(value);
}

/** @param {string} name @returns {string} `soft_edge` → `Soft edge` */
export function titled(name) {
  const words = name.replaceAll(/[_\s-]+/g, " ").trim();
  return words ? words[0].toUpperCase() + words.slice(1) : name;
}

/**
 * The value a field has when nobody has set it: the mode's own default, else the schema's.
 * @param {Field} field @param {Schema} pipeline @param {string} mode
 */
export function defaultOf(field, pipeline, mode) {
  return pipeline.mode_defaults?.[mode]?.[field.name] ?? field.initial;
}

/** @param {Field} field @param {string} mode */
export const showsIn = (field, mode) => !field.modes.length || field.modes.includes(mode);
