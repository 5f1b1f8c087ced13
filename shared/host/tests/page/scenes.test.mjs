import assert from "node:assert/strict";
import { test } from "node:test";

import { applied } from "../../src/scope/server/page/patch.js";
import { stands, swapped } from "../../src/scope/server/page/scenes.js";

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

test("the scene that stands is the one whose values, switches and prompts the show has", () => {
  const stages = [
    { id: "fx", on: true, values: { bloom: 0.5, grain: 0.1 } },
    { id: "new", on: true, values: {} },
  ];
  const scene = { values: { fx: { grain: 0.1, bloom: 0.5 } }, on: { fx: true }, prompts: null };
  const prompts = [{ text: "rain", weight: 1 }];
  assert.ok(stands({ stages, prompts }, scene));
  assert.ok(stands({ stages, prompts }, { ...scene, prompts: [{ text: "rain", weight: 1 }] }));
  assert.ok(!stands({ stages, prompts }, { ...scene, prompts: [] }));
  assert.ok(!stands({ stages, prompts }, { ...scene, on: { fx: false } }));
  assert.ok(!stands({ stages, prompts }, { ...scene, values: { fx: { bloom: 0.6, grain: 0.1 } } }));
  assert.ok(!stands({ stages: [], prompts }, scene));
});
