/** The cue list in the page: go, back and stop beside the scenes with what comes next, and the list to edit. */

import { cueRow } from "./cue-row.js";
import { openDialog } from "./dialogs.js";
import { each, h, iconButton } from "./dom.js";
import { computed, onCleanup } from "./signals.js";

/** @typedef {import("./cues.js").Cues} Cues */

/** @param {Cues} cues */
export function cueBar(cues) {
  const count = computed(() => cues.items().length);
  const open = () => openCues(cues);
  return h(
    "div",
    { class: "cues", role: "group", "aria-label": "Cues" },
    () =>
      count.value > 0 && [
        iconButton("left", "Previous cue (Shift+G)", () => cues.do("back")),
        h("button", { type: "button", class: "go", title: "Next cue (G)", onclick: () => cues.do("go") }, "Go"),
        nextCue(cues),
        iconButton("stop", "Stop the cues", () => cues.do("stop"), { disabled: () => !cues.state().playing }),
      ],
    h("button", { type: "button", title: "Play scenes in order", onclick: open }, "Cues"),
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
            ? "Scenes in order. Each one holds until the next starts: by itself, or when you press Go (G)."
            : "Store a scene first: press a number below the picture. Then put scenes in order here.",
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
          "Start over after the last cue",
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
