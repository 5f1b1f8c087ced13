/** The page "Models" of the settings: for each pipeline what is there, what is missing and its download; LoRAs; keys. */

import { h, iconButton } from "./dom.js";
import { loraFiles } from "./lora-files.js";
import { bytes } from "./models.js";
import { progress } from "./progress.js";
import { keyForms } from "./settings-keys.js";
import { computed } from "./signals.js";

/** So many files are listed at once. */
const FEW = 4;

/** @param {import("./show.js").Show} show @param {import("./models.js").Models} models */
export function modelsPage(show, models) {
  void models.refresh();
  const pipelines = () => Object.entries(models.found.value?.pipelines ?? {});
  return [
    () =>
      models.found.value &&
      !pipelines().length &&
      h("p", { class: "quiet" }, "No pipeline that is installed here needs model files."),
    () => pipelines().map(([name, state]) => section(show, models, name, state)),
    h(
      "p",
      { class: "faint" },
      () => models.found.value && `${bytes(models.found.value.free)} free in ${models.found.value.folder}`,
    ),
    h("section", { class: "block", "aria-label": "LoRAs" }, h("h3", {}, "LoRAs"), ...loraFiles(show)),
    h("h3", {}, "Keys"),
    ...keyForms(),
  ];
}

/** @param {import("./show.js").Show} show @param {import("./models.js").Models} models @param {string} name @param {import("./models.js").PipelineModels} state */
function section(show, models, name, state) {
  const missing = state.files.filter((file) => !file.present).length;
  const size = state.files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  const summary = state.downloaded
    ? `${bytes(size)}, complete`
    : `${missing} of ${state.files.length} files are missing`;
  const running = computed(() => models.running(name));
  return h(
    "section",
    { class: "block", "aria-label": name },
    h(
      "div",
      { class: "pair" },
      h(
        "div",
        { class: "grow" },
        h("h3", {}, show.pipelines.value[name]?.name ?? name),
        h("p", { class: "quiet" }, summary),
      ),
      () =>
        !running.value &&
        !state.downloaded &&
        h("button", { type: "button", class: "primary", onclick: () => models.download(name) }, "Download…"),
      size > 0 && h("button", { type: "button", onclick: () => models.verify(name) }, "Verify"),
      size > 0 && iconButton("bin", `Delete the model files of ${name}`, () => models.remove(name)),
    ),
    () => running.value && progress(show, running.value),
    () => !running.value && !state.downloaded && models.news(name),
    fileList(state.files),
  );
}

/** @param {import("./models.js").PipelineModels["files"]} files behind a fold where they are many */
function fileList(files) {
  const line = (/** @type {typeof files[number]} */ file) =>
    h(
      "li",
      {},
      h("span", { class: "grow clip" }, file.file),
      h("span", { class: "num fixed" }, file.present ? bytes(file.size ?? 0) : "missing"),
    );
  const list = h("ul", { class: "list files faint" }, files.map(line));
  return files.length <= FEW ? list : h("details", {}, h("summary", { class: "quiet" }, `${files.length} files`), list);
}
