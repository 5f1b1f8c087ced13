import assert from "node:assert/strict";
import { test } from "node:test";

import { inputNamed } from "../../src/scope/server/page/midi.js";
import { follower } from "../../src/scope/server/page/sound.js";
import { beatsNow } from "../../src/scope/server/page/tempo.js";

test("knobs and pads have the server's names; a pad that is let go has none", () => {
  assert.equal(inputNamed([0xb0, 21, 64]), "midi:1:cc:21");
  assert.equal(inputNamed([0x91, 60, 100]), "midi:2:note:60");
  assert.equal(inputNamed([0x91, 60, 0]), "");
  assert.equal(inputNamed([0x81, 60, 64]), "");
  assert.equal(inputNamed([0xf8]), "");
});

const WIDTH = 20;
const silence = () => new Float32Array(1024).fill(-130);
const tone = (hertz, decibels = -3) =>
  silence().fill(decibels, Math.round(hertz / WIDTH), Math.round(hertz / WIDTH) + 1);

test("a tone moves its own band and the level", () => {
  const levels = follower(WIDTH)(tone(100));
  assert.ok(levels.bass > 0.9 && levels.level > 0.9);
  assert.ok(levels.mid < 0.1 && levels.high < 0.1);
});

test("levels fall within a fifth of a second, and silence is zero", () => {
  const follow = follower(WIDTH);
  follow(tone(1000));
  let levels;
  for (let step = 0; step < 6; step++) levels = follow(silence());
  assert.ok(levels.mid > 0 && levels.mid < 0.5);
  assert.equal(follower(WIDTH)(silence()).level, 0);
});

test("a hit after quiet is an onset, a steady tone is none", () => {
  const follow = follower(WIDTH);
  for (let step = 0; step < 30; step++) follow(tone(100, -40));
  assert.equal(follow(tone(100, -3)).onset, 1);
  const steady = follower(WIDTH);
  let levels;
  for (let step = 0; step < 40; step++) levels = steady(tone(100, -10));
  assert.ok(levels.onset < 0.01);
});

test("beats go on from where the clock stood, and stand while it does", () => {
  const clock = { bpm: 120, beats_per_bar: 4, beats: 8, playing: true, at: performance.now() - 1000 };
  const at = (value) => beatsNow({ clock: { peek: () => value } });
  assert.ok(Math.abs(at(clock) - 10) < 0.1);
  assert.equal(at({ ...clock, playing: false }), 8);
  assert.equal(at(null), null);
});
