/** Recorded moves: what is changed by hand is kept in the set-up and can be played again, here or by `scope render`. */

import { h, iconButton } from "./dom.js";
import { openMoves } from "./moves-dialog.js";
import { computed } from "./signals.js";

/** @param {import("./show.js").Show} show @param {import("./edit.js").Edit} edit */
export function movesView(show, edit) {
  const state = computed(() => show.state.value.timeline);
  const count = computed(() => show.setup.value.timeline.length);
  const send = (/** @type {string} */ timeline) => edit.send({ timeline });
  const isIdle = () => state.value === "idle";
  const isEmpty = () => !isIdle() || !count.value;
  return h(
    "div",
    { class: "moves", role: "group", "aria-label": "Moves" },
    h(
      "button",
      {
        type: "button",
        title: "Record every change from now on",
        hidden: () => !isIdle(),
        onclick: () => send("record"),
      },
      "Record moves",
    ),
    h("button", { type: "button", class: "danger", hidden: isIdle, onclick: () => send("stop") }, () =>
      state.value === "recording" ? "Stop recording moves" : "Stop moves",
    ),
    iconButton("play", "Play moves", () => send("play"), {
      hidden: isEmpty,
      title: () => `Play the ${count.value} moves`,
    }),
    h("button", { type: "button", hidden: isEmpty, onclick: () => openMoves(show, edit) }, "Edit moves"),
  );
}
