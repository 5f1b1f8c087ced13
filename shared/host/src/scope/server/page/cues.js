/** The cue list: scenes that follow one another, by themselves or on a go. Here what it does; `cues-view.js` draws it. */

import { pointer } from "./patch.js";
import { newGesture } from "./slider.js";

/** @typedef {import("./document.js").Cue} Cue */
/** @typedef {import("./show.js").Show} Show */

export const UNITS = /** @type {const} */ ({ seconds: "seconds", beats: "beats", bars: "bars" });

export class Cues {
  /** @param {Show} show @param {import("./edit.js").Edit} edit */
  constructor(show, edit) {
    this.show = show;
    this.edit = edit;
  }

  items = () => this.show.setup.value.cues.items;
  loops = () => this.show.setup.value.cues.loop;
  state = () => this.show.cue.value;

  /** @param {"go" | "back" | "stop" | { go: string }} cue */
  do = (cue) => this.edit.send({ cue });

  /** The scene after the last cue's, else the first. */
  add() {
    const { scenes, cues } = this.show.setup.peek();
    const last = cues.items.at(-1);
    const at = scenes.findIndex((scene) => scene.id === last?.scene);
    const scene = scenes[(at + 1) % scenes.length];
    if (!scene) return Promise.resolve(false);
    const { wait, unit, follow } = last ?? { wait: 8, unit: "seconds", follow: true };
    const value = { id: freeCue(cues.items), scene: scene.id, wait, unit, fade: null, follow };
    return this.edit.patch([{ op: "add", path: "/cues/items/-", value }], "Add a cue");
  }

  /** @param {string} id @param {Partial<Cue>} change */
  change(id, change) {
    const operations = Object.entries(change).map(([name, value]) => ({
      op: "replace",
      path: pointer("cues", "items", id, name),
      value,
    }));
    return this.edit.patch(operations, "Cue", newGesture());
  }

  /** @param {string} id @param {number} step */
  move(id, step) {
    const at = this.items().findIndex((cue) => cue.id === id);
    if (!this.items()[at + step]) return Promise.resolve(false);
    const [from, path] = [pointer("cues", "items", id), pointer("cues", "items", at + step)];
    return this.edit.patch([{ op: "move", from, path }], "Move a cue");
  }

  /** @param {string} id */
  remove(id) {
    return this.edit.patch([{ op: "remove", path: pointer("cues", "items", id) }], "Remove a cue");
  }

  /** @param {boolean} value */
  loop(value) {
    return this.edit.patch([{ op: "replace", path: "/cues/loop", value }], "Loop of the cues");
  }

  /** @param {string | null} id @returns {string} the name of a cue's scene, "" without a cue */
  nameOf(id) {
    const cue = this.items().find((one) => one.id === id);
    if (!cue) return "";
    return this.show.setup.value.scenes.find((scene) => scene.id === cue.scene)?.name ?? "scene is gone";
  }

  /** @param {Cue} cue @returns {number} seconds of its scene's own fade */
  fadeOf(cue) {
    return this.show.setup.value.scenes.find((scene) => scene.id === cue.scene)?.fade ?? 0;
  }

  /** @param {string | null} id @returns {number} counted from 1; 0 without a cue */
  numberOf(id) {
    return this.items().findIndex((cue) => cue.id === id) + 1;
  }

  /** @returns {number | null} seconds until the next cue goes by itself */
  left() {
    const { left, at } = this.show.cue.peek();
    return left === null ? null : Math.max(0, left - (performance.now() - at) / 1000);
  }
}

/** @param {Cue[]} cues @returns {string} */
function freeCue(cues) {
  for (let count = cues.length + 1; ; count++)
    if (!cues.some((cue) => cue.id === `cue-${count}`)) return `cue-${count}`;
}
