/** Which of the fields that every schema has from its base class are shown. */

const INHERITED = new Set([
  "height",
  "width",
  "manage_cache",
  "base_seed",
  "denoising_steps",
  "lora_merge_strategy",
  "noise_scale",
  "noise_controller",
  "input_size",
  "ref_images",
  "vace_context_scale",
]);
/** What of that every generator makes use of. */
const OF_GENERATORS = ["height", "width", "base_seed"];

/**
 * An inherited field is shown where a pipeline gives it a place of its own; one under its old name is not.
 * @param {string} name
 * @param {Record<string, any>} property
 * @param {Record<string, any>} pipeline an entry of the pipeline list
 * @returns {boolean}
 */
export function isShown(name, property, pipeline) {
  if (property.deprecated) return false;
  if (property.ui || !INHERITED.has(name)) return true;
  const isFilter = pipeline.usage?.length > 0;
  return !isFilter && OF_GENERATORS.includes(name);
}
