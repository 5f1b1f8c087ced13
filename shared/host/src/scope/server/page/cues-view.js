/** The cue list in the page: go, back and stop beside the scenes with what comes next, and the list to edit. */

import { UNITS } from "./cues.js";
import { openDialog } from "./dialogs.js";
import { each, h, iconButton } from "./dom.js";
import { computed, effect, onCleanup } from "./signals.js";

/** @typedef {import("./cues.js").Cues} Cues */
/** @typedef {import("./document.js").Cue} Cue */

/** @param {Cues} cues */
export function cueBar(cues) {
  const count = computed(() => cues.items().length);
  const open = () => openCues(cues);
  return h(
    "div",
    { class: "cues", role: "group", "aria-label": "Cues" },
    () =>
      count.value > 0 && [
        iconButton("left", "Cue before (Shift+G)", () => cues.do("back")),
        h("button", { type: "button", class: "go", title: "Next cue (G)", onclick: () => cues.do("go") }, "Go"),
        nextCue(cues),
        iconButton("stop", "Stop the cues", () => cues.do("stop"), { disabled: () => !cues.state().playing }),
      ],
    h("button", { type: "button", title: "Scenes one after the other", onclick: open }, "Cues"),
  );
}

/** @param {Cues} cues what comes next, and in how many seconds */
function nextCue(cues) {
  const next = () => cues.state().next;
  const words = () => (next() ? `${cues.numberOf(next())} ${cues.nameOf(next())}` : "End");
  const seconds = h("span", { class: "num quiet" });
  onFrame(() => {
    const left = cues.left();
    seconds.textContent = left === null ? "" : `${left.toFixed(1)} s`;
  });
  return h("span", { class: "next-cue" }, h("small", {}, "Next"), seconds, h("strong", { class: "clip" }, words));
}

/** @param {() => void} draw once a frame until the surrounding effect ends */
function onFrame(draw) {
  let frame = 0;
  const step = () => {
    draw();
    frame = requestAnimationFrame(step);
  };
  step();
  onCleanup(() => cancelAnimationFrame(frame));
}

/** @param {Cues} cues */
export function openCues(cues) {
  const list = h("ol", { class: "cue-list" });
  const hasScenes = () => cues.show.setup.value.scenes.length > 0;
  openDialog("Cues", () => {
    each(
      list,
      cues.items,
      (cue) => cue.id,
      (cue) => cueRow(cues, cue),
    );
    return {
      body: [
        h("p", { class: "quiet" }, () =>
          hasScenes()
            ? "Scenes in order. Each waits, then the next one goes: by itself, or when you press Go (G)."
            : "Keep a scene first: press a number below the picture. Then put scenes in order here.",
        ),
        list,
        h(
          "label",
          { class: "loop", hidden: () => cues.items().length < 2 },
          h("input", {
            type: "checkbox",
            role: "switch",
            class: "switch",
            checked: () => cues.loops(),
            onchange: () => cues.loop(!cues.loops()),
          }),
          "Begin again after the last",
        ),
      ],
      foot: [
        h(
          "button",
          { type: "button", class: "raised", disabled: () => !hasScenes(), onclick: () => cues.add() },
          "Add a cue",
        ),
        h("span", { class: "grow" }),
        h("button", { type: "button", disabled: () => !cues.state().playing, onclick: () => cues.do("stop") }, "Stop"),
        h(
          "button",
          { type: "button", class: "primary", disabled: () => !cues.items().length, onclick: () => cues.do("go") },
          "Go",
        ),
      ],
    };
  });
}

/** @param {Cues} cues @param {import("./signals.js").Signal<Cue>} cue */
function cueRow(cues, cue) {
  const { id } = cue.peek();
  const number = () => cues.numberOf(id);
  const state = () => (cues.state().id === id ? " now" : cues.state().next === id ? " next" : "");
  const change = (/** @type {Partial<Cue>} */ values) => cues.change(id, values);
  return h(
    "li",
    { class: () => `cue${state()}`, "aria-current": () => (cues.state().id === id ? "step" : null) },
    h(
      "button",
      {
        type: "button",
        class: "num",
        title: "Go to this cue",
        "aria-label": () => `Go to cue ${number()}`,
        onclick: () => cues.do({ go: id }),
      },
      number,
    ),
    choice(
      () => `Scene of cue ${number()}`,
      () => sceneOptions(cues, cue.value),
      () => cue.value.scene,
      (scene) => change({ scene }),
    ),
    choice(
      () => `What follows cue ${number()}`,
      () => [
        ["yes", "then after"],
        ["no", "then wait for Go"],
      ],
      () => (cue.value.follow ? "yes" : "no"),
      (value) => change({ follow: value === "yes" }),
    ),
    h(
      "span",
      { class: () => `after${cue.value.follow ? "" : " unused"}` },
      amount(
        () => `Time until the cue after ${number()}`,
        () => cue.value.wait,
        0.1,
        (wait) => change({ wait }),
      ),
      choice(
        () => `Unit of cue ${number()}`,
        () => Object.entries(UNITS),
        () => cue.value.unit,
        (unit) => change({ unit: /** @type {Cue["unit"]} */ (unit) }),
      ),
    ),
    h(
      "span",
      { class: "buttons" },
      iconButton("up", "Earlier", () => cues.move(id, -1), { disabled: () => number() <= 1 }),
      iconButton("down", "Later", () => cues.move(id, 1), { disabled: () => number() >= cues.items().length }),
      iconButton("bin", "Remove this cue", () => cues.remove(id)),
    ),
  );
}

/** @param {Cues} cues @param {Cue} cue @returns {[string, string][]} */
function sceneOptions(cues, cue) {
  const { scenes } = cues.show.setup.value;
  const all = scenes.map((scene) => /** @type {[string, string]} */ ([scene.id, scene.name]));
  return scenes.some((scene) => scene.id === cue.scene) ? all : [...all, [cue.scene, "scene is gone"]];
}

/** @param {() => string} label @param {() => (readonly string[])[]} options @param {() => string} now @param {(value: string) => void} put */
function choice(label, options, now, put) {
  const select = h("select", { "aria-label": label, onchange: () => put(select.value) });
  effect(() => {
    select.replaceChildren(...options().map(([value, words]) => new Option(words, value)));
    select.value = now();
  });
  return select;
}

/** @param {() => string} label @param {() => number} now @param {number} least @param {(value: number) => void} put */
function amount(label, now, least, put) {
  const box = h("input", {
    type: "number",
    class: "text num",
    min: String(least),
    step: "any",
    "aria-label": label,
    value: () => String(now()),
    onchange: () => (box.reportValidity() ? put(Number(box.value)) : undefined),
  });
  return box;
}
