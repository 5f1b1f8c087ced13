/** The picture alone, for a projector: no controls, no cursor, and the screen stays awake. */

import { effect, root } from "./signals.js";
import { watch } from "./stage.js";
import { outputWays, View, widthOf } from "./view.js";

const CURSOR_MS = 1500;

const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("out"));
const reason = /** @type {HTMLElement} */ (document.getElementById("reason"));

root(() => {
  const view = new View(canvas, { stage: "out", width: () => widthOf(canvas) }, outputWays());
  watch(view, document.body);
  effect(() => {
    reason.textContent = view.reason.value;
  });
});

document.addEventListener("dblclick", () => {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
});

let timer = 0;
function hideCursorSoon() {
  document.body.classList.remove("still");
  clearTimeout(timer);
  timer = setTimeout(() => document.body.classList.add("still"), CURSOR_MS);
}
addEventListener("pointermove", hideCursorSoon);
hideCursorSoon();

/** The lock ends with every hiding of the page, so it is asked for anew. */
async function stayAwake() {
  if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => null);
}
document.addEventListener("visibilitychange", stayAwake);
void stayAwake();
