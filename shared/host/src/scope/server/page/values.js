/** Values of controls as text and back. Pure. */

/** @typedef {import("./fields.js").Field} Field */

const MOST_DIGITS = 6;

/** @param {Field} field @param {any} value @returns {string} */
export function shown(field, value) {
  if (value === null || value === undefined) return "";
  if (field.kind === "menu") return field.options.find((option) => same(option.value, value))?.label ?? String(value);
  if (typeof value === "number") return shownNumber(field, value);
  if (Array.isArray(value) && field.kind === "list") return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @param {Field} field @param {number} value @returns {string} with the digits of a step; a box shows all that was typed */
function shownNumber(field, value) {
  if (field.integer) return String(Math.round(value));
  const text = value.toFixed(digits(field.step));
  const exact = Number(value.toFixed(MOST_DIGITS));
  return field.kind === "number" && Number(text) !== exact ? String(exact) : text;
}

/**
 * What a person typed, as a value of the field.
 * @param {Field} field @param {string} text
 * @returns {{ value: any } | { error: string }}
 */
export function parsed(field, text) {
  const trimmed = text.trim();
  if (trimmed === "" && field.nullable) return { value: null };
  if (field.kind === "slider" || field.kind === "number") return parsedNumber(field, trimmed);
  if (field.kind === "list") return parsedList(field, trimmed);
  if (field.kind === "json") return parsedJson(trimmed);
  return { value: text };
}

/** @param {Field} field @param {string} text @returns {{ value: number } | { error: string }} */
function parsedNumber(field, text) {
  const number = Number(text.replace(",", "."));
  if (text === "" || !Number.isFinite(number)) return { error: `${field.label}: expected a number, got “${text}”` };
  return { value: clamped(field, field.integer ? Math.round(number) : number) };
}

/** @param {Field} field @param {string} text @returns {{ value: any[] } | { error: string }} */
function parsedList(field, text) {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  if (field.items === "string") return { value: parts };
  const numbers = parts.map(Number);
  if (numbers.some((number) => !Number.isFinite(number)))
    return { error: `${field.label}: expected numbers and commas` };
  return { value: field.items === "integer" ? numbers.map(Math.round) : numbers };
}

/** @param {string} text @returns {{ value: any } | { error: string }} */
function parsedJson(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { error: "expected JSON" };
  }
}

/** @param {Field} field @param {number} number */
export function clamped(field, number) {
  return Math.min(field.max ?? Infinity, Math.max(field.min ?? -Infinity, number));
}

/** @param {Field} field @param {number} number the nearest step inside the range, free of rounding's tails */
export function stepped(field, number) {
  const start = field.min ?? 0;
  const steps = Math.round((number - start) / field.step);
  return clamped(field, Number((start + steps * field.step).toFixed(digits(field.step))));
}

/** @param {number} step @returns {number} the digits after the point that a step needs */
export function digits(step) {
  return Math.max(0, Math.min(MOST_DIGITS, Math.ceil(-Math.log10(step) - 1e-9)));
}

/**
 * Whether an amount does something: a number that is not 0, a switch that is on, a menu that is not at "off" or "none".
 * @param {any} value
 */
export const isActive = (value) => Boolean(value) && value !== "off" && value !== "none";

/** @param {any} a @param {any} b */
export function same(a, b) {
  return Object.is(a, b) || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/**
 * @template T
 * @param {Record<string, T>} record @param {(key: string, value: T) => boolean} gone
 * @returns {Record<string, T>} the same object when nothing is gone
 */
export function without(record, gone) {
  const kept = Object.entries(record).filter(([key, value]) => !gone(key, value));
  return kept.length === Object.keys(record).length ? record : Object.fromEntries(kept);
}
