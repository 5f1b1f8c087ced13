/** What the transport and the keys do: record, snapshot, output window, play. */

import * as api from "./api.js";
import { say } from "./dialogs.js";
import { h } from "./dom.js";

/** @typedef {import("./show.js").Show} Show */

/** @param {Show} show */
export async function toggleRecording(show) {
  const running = show.state.peek().recording;
  try {
    if (!running) return void (await api.post("/recordings"));
    const { name, seconds, problem } = await api.post("/recordings/stop");
    say(
      problem ?? `Recorded ${clock(seconds)}.`,
      h("a", { href: `/api/v1/recordings/${encodeURIComponent(name)}`, download: name }, `Save ${name}`),
    );
  } catch (error) {
    say(String(/** @type {Error} */ (error).message));
  }
}

/** @param {number} seconds @returns {string} as 0:07 */
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Saves the newest picture as a PNG that carries the set-up. */
export async function snapshot() {
  const answer = await fetch("/api/v1/snapshot.png").catch(() => null);
  if (!answer?.ok) return say((await answer?.json().catch(() => null))?.detail ?? "There is no picture to save.");
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  const stamp = local.slice(0, 19).replace("T", " ").replaceAll(":", "-");
  saveFile(await answer.blob(), `scope ${stamp}.png`);
}

/** @param {Blob} blob @param {string} name */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Opens the picture alone, on the second screen where the browser tells of one. */
export async function openOutput() {
  const screen = await secondScreen();
  const place = screen
    ? `left=${screen.availLeft},top=${screen.availTop},width=${screen.availWidth},height=${screen.availHeight}`
    : "width=1280,height=720";
  window.open("/output", "scope-output", `popup,${place}`);
}

/** @returns {Promise<any>} */
async function secondScreen() {
  const ask = /** @type {any} */ (window).getScreenDetails;
  if (!ask || !(/** @type {any} */ (window.screen).isExtended)) return null;
  const details = await ask.call(window).catch(() => null);
  return details?.screens.find((/** @type {any} */ one) => one !== details.currentScreen) ?? null;
}
