/** The list of everything that is mapped, and the MIDI devices. */

import { openDialog } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { inputWords } from "./movers.js";

/** @param {import("./show.js").Show} show @param {import("./midi.js").Midi} midi */
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
        "To map a control: press Map and then its pad, or M while it has the focus; then move the knob.",
      ),
      h("ul", { class: "list" }, () => show.setup.value.mappings.map((mapping) => entry(mapping, midi))),
    ],
  }));
}

/** @param {import("./document.js").Mapping} mapping @param {import("./midi.js").Midi} midi */
function entry(mapping, midi) {
  const target = mapping.action
    ? { action: mapping.action }
    : { stage: mapping.stage ?? "", field: mapping.field ?? "" };
  const words = mapping.action ?? `${mapping.stage}: ${mapping.field}`;
  return h(
    "li",
    {},
    h("span", { class: "item" }, words, h("small", {}, inputWords(mapping.input))),
    iconButton("bin", `Forget ${words}`, () => midi.forget(target)),
  );
}
