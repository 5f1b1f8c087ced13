/** The LoRA files of this host: which are here, more by their address, and their removal. */

import * as api from "./api.js";
import { confirmed, say } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { bytes } from "./models.js";
import { progress } from "./progress.js";
import { computed, effect, signal } from "./signals.js";
import { same } from "./values.js";

/** @typedef {{ name: string, path: string, size_mb: number, folder: string | null }} LoraFile */

const KIND = "lora";
const CANCELLED = 409;

/**
 * A form for an address, what is coming, and the list.
 * @param {import("./show.js").Show} show @param {((path: string) => void) | null} [pick] the files are buttons then
 * @returns {import("./dom.js").Child[]}
 */
export function loraFiles(show, pick = null) {
  const files = signal(/** @type {LoraFile[] | null} */ (null));
  const jobs = computed(() => show.jobs.value.filter((job) => job.kind === KIND));
  const running = computed(() => jobs.value.filter((job) => job.state === "running").map((job) => job.id), same);
  const refresh = () =>
    api.get("/loras").then(
      (answer) => (files.value = answer.lora_files),
      (error) => say(error.message),
    );
  effect(() => {
    void running.value;
    void refresh();
  });
  return [
    installForm(() => (jobs.value[0]?.state === "failed" ? api.asSentence(jobs.value[0].text) : "")),
    () => running.value.map((id) => progress(show, id)),
    () =>
      files.value?.length === 0 &&
      h("p", { class: "quiet" }, "No LoRA files here yet. Files in the folder models/lora are found too."),
    h("ul", { class: "list" }, () => (files.value ?? []).map((file) => entry(file, pick, refresh))),
  ];
}

/** @param {() => string} failure why the newest download failed, as every window hears it */
function installForm(failure) {
  const address = signal("");
  const refused = signal("");
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const url = address.peek().trim();
    refused.value = "";
    const come = await api.post("/loras", { url }).catch((error) => {
      if (error.status !== CANCELLED) refused.value = error.message;
    });
    if (come && address.peek().trim() === url) address.value = "";
  };
  const problem = () => refused.value || failure();
  return h(
    "form",
    { class: "install", onsubmit: submit },
    h("label", { for: "lora-address" }, "Download a LoRA"),
    h("input", {
      id: "lora-address",
      class: "text",
      type: "text",
      inputMode: "url",
      value: () => address.value,
      placeholder: "Address of the file: Hugging Face, Civitai or elsewhere",
      autocomplete: "off",
      spellcheck: false,
      oninput: (/** @type {any} */ event) => (address.value = event.target.value),
    }),
    h("button", { type: "submit", class: "primary", disabled: () => !address.value.trim() }, "Download"),
    () => problem() && h("p", { class: "problem whole", role: "alert" }, problem()),
  );
}

/** @param {LoraFile} file @param {((path: string) => void) | null} pick @param {() => void} refresh */
function entry(file, pick, refresh) {
  const words = [
    file.name,
    h("small", { class: "num quiet" }, [file.folder, bytes(1e6 * file.size_mb)].filter(Boolean).join(", ")),
  ];
  const remove = async () => {
    if (!(await confirmed(`Delete the LoRA file ${file.name}?`, "Delete"))) return;
    const inside = [file.folder, file.path.split(/[\\/]/).at(-1)].filter(Boolean).join("/");
    await api.del(`/loras/${inside.split("/").map(encodeURIComponent).join("/")}`).catch((error) => say(error.message));
    refresh();
  };
  return h(
    "li",
    {},
    pick
      ? h("button", { type: "button", class: "item", onclick: () => pick(file.path) }, words)
      : h("div", { class: "item" }, words),
    iconButton("bin", `Delete ${file.name}`, remove),
  );
}
