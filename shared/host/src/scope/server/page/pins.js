/** Groups of controls that a person keeps on top of a panel; remembered by this browser. */

import { signal } from "./signals.js";

const KEPT = "scope.pins";

export class Pins {
  #pins = signal(/** @type {Record<string, string[]>} */ (remembered()));

  /** @param {string} pipeline @returns {string[]} keys of its groups */
  of(pipeline) {
    return this.#pins.value[pipeline] ?? [];
  }

  /**
   * @param {string} pipeline @param {import("./groups.js").Group[]} groups
   * @returns {import("./access.js").Context["pin"]} for fields that stand for a group, and not for those inside one
   */
  among(pipeline, groups) {
    const keys = new Set(groups.map((group) => group.key));
    const isPinned = (/** @type {string} */ key) => this.of(pipeline).includes(key);
    return ({ name }) => (keys.has(name) ? { on: isPinned(name), flip: () => this.flip(pipeline, name) } : null);
  }

  /** @param {string} pipeline @param {string} group */
  flip(pipeline, group) {
    const now = this.#pins.peek()[pipeline] ?? [];
    const next = now.includes(group) ? now.filter((one) => one !== group) : [...now, group];
    this.#pins.value = { ...this.#pins.peek(), [pipeline]: next };
    localStorage.setItem(KEPT, JSON.stringify(this.#pins.peek()));
  }
}

/** @returns {Record<string, string[]>} */
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}
