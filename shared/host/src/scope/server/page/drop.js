/** Files dropped on the page: a set-up or a snapshot is loaded, a video or picture becomes the source. */

import { upload } from "./api.js";
import { say } from "./dialogs.js";
import { textOfPng } from "./png.js";

/** @typedef {import("./edit.js").Edit} Edit */

/**
 * @param {File} file a JSON document or a PNG that carries one
 * @param {Edit} edit
 * @returns {Promise<boolean>} false when it holds no set-up, which the person was told
 */
export async function openFile(file, edit) {
  const text = isPng(file) ? textOfPng(await file.arrayBuffer()) : await file.text();
  if (text === null) return (say(`${file.name} carries no set-up.`), false);
  try {
    return await edit.replace(JSON.parse(text));
  } catch {
    return (say(`${file.name} is not a set-up: expected JSON.`), false);
  }
}

/** @param {File} file */
const isPng = (file) => file.type === "image/png" || file.name.toLowerCase().endsWith(".png");

/**
 * @param {HTMLElement} stage shows that a drop is welcome
 * @param {Edit} edit
 * @param {() => void} stopCapture called when a file becomes the source
 */
export function acceptDrops(stage, edit, stopCapture) {
  const isFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    stage.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && stage.classList.remove("dropping"));
  addEventListener("drop", async (event) => {
    const file = event.dataTransfer?.files[0];
    if (!isFile(event) || !file) return;
    event.preventDefault();
    stage.classList.remove("dropping");
    await take(file, edit, stopCapture);
  });
}

/** @param {File} file @param {Edit} edit @param {() => void} stopCapture */
async function take(file, edit, stopCapture) {
  if (file.name.toLowerCase().endsWith(".json")) return openFile(file, edit);
  if (isPng(file) && textOfPng(await file.arrayBuffer()) !== null) return openFile(file, edit);
  try {
    say(`Uploading ${file.name}…`);
    const asset = await upload(file, (share) => say(`Uploading ${file.name}: ${Math.round(share * 100)} %`));
    stopCapture();
    if (await edit.source({ kind: "file", path: asset.path })) say(`${file.name} is the source now.`);
  } catch (error) {
    say(String(/** @type {Error} */ (error).message));
  }
}
