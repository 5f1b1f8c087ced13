/** Scenes: eight places to keep what stands now, and to go back to it with a fade. */

import { answered, onHold, openMenu, say } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { mapPad } from "./mapping-mode.js";
import { briefly } from "./movers.js";
import { pointer } from "./patch.js";
import { computed, signal } from "./signals.js";
import { same } from "./values.js";

/** @typedef {import("./show.js").Show} Show */
/** @typedef {import("./edit.js").Edit} Edit */
export const PLACES = 8;
const PICTURE = { width: 168, height: 76 };

export class Scenes {
  /** Seconds that a recall takes. */
  fade = signal(2);
  /**
   * @param {Show} show @param {Edit} edit @param {import("./midi.js").Midi} midi
   * @param {HTMLCanvasElement} canvas the output, for pictures of scenes
   */
  constructor(show, edit, midi, canvas) {
    this.show = show;
    this.edit = edit;
    this.midi = midi;
    this.canvas = canvas;
  }

  /** @param {number} place from 0 @returns {import("./document.js").Scene | undefined} */
  at(place) {
    return this.show.setup.value.scenes.find((scene) => scene.id === `scene-${place + 1}`);
  }

  /** @param {number} place */
  async recall(place) {
    const scene = this.at(place);
    if (!scene) return say(`Scene ${place + 1} is empty. Shift+${place + 1} stores the current state in it.`);
    await this.edit.act(`/scenes/${encodeURIComponent(scene.id)}/recall`, { fade: this.fade.peek() });
  }

  /** @param {number} place */
  async store(place) {
    const id = `scene-${place + 1}`;
    const name = this.at(place)?.name ?? `Scene ${place + 1}`;
    await this.edit.act("/scenes", { id, name, fade: this.fade.peek(), picture: this.#picture() });
  }

  /** @param {number} place the next pad that is hit goes to this scene */
  async learn(place) {
    await this.midi.learn({ action: `scene:scene-${place + 1}` });
    if (this.midi.learning.peek()) say(`Hit a pad for scene ${place + 1}.`);
  }

  /** @param {number} place @param {number} other what is kept there, or that it is empty, changes places with it */
  swap(place, other) {
    return this.edit.patch(swapped(this.show.setup.peek(), `scene-${place + 1}`, `scene-${other + 1}`), "Move a scene");
  }

  /** @param {number} place */
  async rename(place) {
    const scene = this.at(place);
    const name = scene && (await answered(`Name of scene ${place + 1}`, "", scene.name));
    if (name)
      await this.edit.patch(
        [{ op: "replace", path: pointer("scenes", scene.id, "name"), value: name }],
        "Name of a scene",
      );
  }

  /** @param {number} place */
  remove(place) {
    return this.edit.patch(
      [{ op: "remove", path: pointer("scenes", `scene-${place + 1}`) }],
      `Remove scene ${place + 1}`,
    );
  }

  /** @returns {string | null} a small JPEG of the output, null when there is no picture yet */
  #picture() {
    if (!this.canvas.dataset.number) return null;
    const small = h("canvas", PICTURE);
    const scale = Math.max(PICTURE.width / this.canvas.width, PICTURE.height / this.canvas.height);
    const [width, height] = [this.canvas.width * scale, this.canvas.height * scale];
    small
      .getContext("2d")
      ?.drawImage(this.canvas, (PICTURE.width - width) / 2, (PICTURE.height - height) / 2, width, height);
    return small.toDataURL("image/jpeg", 0.7);
  }
}

/**
 * Whether the show stands, or glides to stand, as in the scene: whoever recalled it, and until anybody changes something.
 * @param {import("./document.js").Setup} setup @param {import("./document.js").Scene} scene
 */
export function stands({ stages, prompts }, scene) {
  const known = stages.filter((stage) => stage.id in scene.values);
  const isAsKept = (/** @type {import("./document.js").Stage} */ { id, on, values }) =>
    on === (scene.on[id] ?? on) && sameEntries(values, scene.values[id]);
  return known.length > 0 && known.every(isAsKept) && (scene.prompts === null || same(prompts, scene.prompts));
}

/** @param {Record<string, any>} a @param {Record<string, any>} b in any order, which patches change */
function sameEntries(a, b) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
}

/**
 * Two scenes change places: their ids change, which pads and keys go by; cues go by what they show and follow it.
 * @param {import("./document.js").Setup} setup @param {string} one @param {string} other
 */
export function swapped({ scenes, cues }, one, other) {
  const turned = (/** @type {string} */ id) => (id === one ? other : id === other ? one : id);
  return [
    { op: "replace", path: "/scenes", value: scenes.map((scene) => ({ ...scene, id: turned(scene.id) })) },
    ...cues.items.map((cue, at) => ({
      op: "replace",
      path: pointer("cues", "items", at, "scene"),
      value: turned(cue.scene),
    })),
  ];
}

/** @param {Scenes} scenes */
export function scenesView(scenes) {
  const places = Array.from({ length: PLACES }, (_, place) => placeButton(scenes, place));
  const fade = h("input", {
    type: "range",
    min: "0",
    max: "10",
    step: "0.1",
    value: String(scenes.fade.peek()),
    "aria-label": "Fade",
    "aria-valuetext": () => `${scenes.fade.value.toFixed(1)} seconds`,
    style: { "--from": "-1", "--to": () => String(scenes.fade.value / 10) },
    oninput: () => (scenes.fade.value = Number(fade.value)),
  });
  return h(
    "div",
    { class: "scenes", role: "group", "aria-label": "Scenes" },
    h("div", { class: "places" }, places),
    h(
      "label",
      { class: "fade" },
      "Fade ",
      fade,
      h("span", { class: "num" }, () => `${scenes.fade.value.toFixed(1)} s`),
    ),
  );
}

/** @param {Scenes} scenes @param {number} place */
function placeButton(scenes, place) {
  const scene = computed(() => scenes.at(place));
  const press = (/** @type {MouseEvent} */ event) =>
    event.shiftKey || !scene.peek() ? scenes.store(place) : scenes.recall(place);
  const button = h(
    "button",
    {
      type: "button",
      class: () => `scene${scene.value ? "" : " none"}`,
      "aria-pressed": () => String(Boolean(scene.value && stands(scenes.show.setup.value, scene.value))),
      "aria-label": () =>
        scene.value ? `Scene ${place + 1}: ${scene.value.name}` : `Store the current state as scene ${place + 1}`,
      title: () =>
        scene.value
          ? `${scene.value.name}: click to recall, Shift-click to replace, right-click for more`
          : `Store the current state as scene ${place + 1}`,
      onclick: press,
    },
    () => scene.value?.picture && h("img", { src: scene.value.picture, alt: "" }),
    h("b", { "aria-hidden": "true" }, String(place + 1)),
  );
  const { show, midi } = scenes;
  const action = `scene:scene-${place + 1}`;
  const pad = () =>
    midi.mapping.value && mapPad(show, midi, { action }, String(place + 1), `scene ${place + 1}`, briefly);
  const menu = () =>
    openMenu(button, [
      { label: "Store the current state here", icon: icon("download"), run: () => scenes.store(place) },
      { label: "Name…", icon: icon("more"), disabled: !scene.peek(), run: () => scenes.rename(place) },
      { label: "Move left", icon: icon("left"), disabled: place === 0, run: () => scenes.swap(place, place - 1) },
      {
        label: "Move right",
        icon: icon("right"),
        disabled: place === PLACES - 1,
        run: () => scenes.swap(place, place + 1),
      },
      { label: "Learn a MIDI pad", icon: icon("inset"), disabled: !scene.peek(), run: () => scenes.learn(place) },
      { label: "Remove", icon: icon("bin"), disabled: !scene.peek(), run: () => scenes.remove(place) },
    ]);
  onHold(button, menu);
  return h("span", { class: "place" }, button, pad);
}
