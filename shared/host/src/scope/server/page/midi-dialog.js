/** The list of everything that is mapped, and the MIDI devices. */

import { openDialog } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { fieldsOf } from "./fields.js";
import { actionWords, ENCODINGS, inputWords } from "./movers.js";

/** @typedef {import("./show.js").Show} Show */

/** @param {Show} show @param {import("./midi.js").Midi} midi */
export function openMidi(show, midi) {
  openDialog("Mapped controls", () => ({
    body: [
      h("p", { class: "quiet" }, () =>
        midi.devices.value.length
          ? `Listening to ${midi.devices.value.join(", ")}.`
          : midi.on.value
            ? "No device is connected."
            : "MIDI is off.",
      ),
      h(
        "p",
        { class: "quiet" },
        "To map a control, press Map and then its pad, or M while it has the focus. Then move the knob.",
      ),
      h("ul", { class: "list" }, () => show.setup.value.mappings.map((mapping) => entry(show, mapping, midi))),
    ],
  }));
}

/** @param {Show} show @param {import("./document.js").Mapping} mapping @returns {string} what it moves, by the names on the page */
function targetOf(show, { action, stage, field }) {
  if (action) return actionWords(action, show.setup.value.scenes);
  const pipeline = show.pipelines.value[show.stage(stage ?? "")?.pipeline ?? ""];
  const label = pipeline && fieldsOf(pipeline).find((one) => one.name === field)?.label;
  return label ? `${pipeline.name}${stage === pipeline.id ? "" : ` (${stage})`}: ${label}` : `${stage}: ${field}`;
}

/** @param {import("./document.js").Mapping} mapping @param {import("./midi.js").Midi} midi */
function encodings({ input, encoding }, midi) {
  const label = `What ${inputWords(input)} sends`;
  const select = h("select", { "aria-label": label, onchange: () => void midi.encode(input, select.value) });
  const hasFine = Number(input.split(":").at(-1)) < 32;
  for (const [value, words] of Object.entries(ENCODINGS))
    if (value !== "14-bit" || hasFine) select.append(new Option(words, value));
  select.value = encoding;
  return select;
}

/** @param {Show} show @param {import("./document.js").Mapping} mapping @param {import("./midi.js").Midi} midi */
function entry(show, mapping, midi) {
  const target = mapping.action
    ? { action: mapping.action }
    : { stage: mapping.stage ?? "", field: mapping.field ?? "" };
  const words = targetOf(show, mapping);
  return h(
    "li",
    {},
    h("span", { class: "item" }, words, h("small", {}, inputWords(mapping.input))),
    mapping.input.includes(":cc:") && encodings(mapping, midi),
    iconButton("bin", `Forget ${words}`, () => midi.forget(target)),
  );
}
