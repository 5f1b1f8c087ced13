import assert from "node:assert/strict";
import { test } from "node:test";

import { applied } from "../../src/scope/server/page/patch.js";
import { swapped } from "../../src/scope/server/page/scenes.js";

test("scenes that change places take their cues along, also to an empty place", () => {
  const setup = {
    scenes: [
      { id: "scene-1", name: "Night" },
      { id: "scene-2", name: "Day" },
    ],
    cues: {
      loop: false,
      items: [
        { id: "cue-1", scene: "scene-1" },
        { id: "cue-2", scene: "scene-2" },
      ],
    },
  };
  const names = (document) =>
    document.cues.items.map((cue) => document.scenes.find((scene) => scene.id === cue.scene).name);
  const swap = (one, other) => applied(setup, swapped(setup, one, other));
  assert.deepEqual(names(swap("scene-1", "scene-2")), ["Night", "Day"]);
  assert.equal(swap("scene-1", "scene-2").scenes.find((scene) => scene.id === "scene-1").name, "Day");
  assert.deepEqual(names(swap("scene-2", "scene-3")), ["Night", "Day"]);
});
