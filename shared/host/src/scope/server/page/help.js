/** The help dialog. */

import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { HELP } from "./keys.js";

export function openHelp() {
  openDialog("Keys", () => ({
    body: [
      h(
        "dl",
        { class: "keys" },
        HELP.map(([keys, does]) => [
          h(
            "dt",
            {},
            keys.split(" ").map((key) => (/[A-Za-z0-9[\]/?↑↓←→]/.test(key) ? h("kbd", {}, key) : ` ${key} `)),
          ),
          h("dd", {}, does),
        ]),
      ),
    ],
    foot: [h("p", { class: "faint" }, "Drop a video, a picture, a set-up or a snapshot on the page.")],
  }));
}
