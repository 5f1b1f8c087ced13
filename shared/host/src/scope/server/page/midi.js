/** MIDI devices of this browser: what they send goes to the server, whose mappings say what it moves; lights come back. */

import { inputWords, STEPS_LEFT } from "./movers.js";
import { pointer } from "./patch.js";
import { effect, signal } from "./signals.js";

/** @typedef {import("./document.js").Mapping} Mapping */
/** @typedef {{ stage?: string, field?: string, low?: number | null, high?: number | null, action?: string }} Target */

const KEPT = "scope.midi";

export class Midi {
  devices = signal(/** @type {string[]} */ ([]));
  on = signal(false);
  /** Whether the page shows controls as pads to be mapped. */
  mapping = signal(false);
  /** What the next knob or pad that is moved will be mapped to. */
  learning = signal(/** @type {Target | null} */ (null));
  /** @type {MIDIAccess | null} */
  #access = null;
  /** The newest message of each knob, sent once a frame. @type {Map<string, number[]>} */
  #waiting = new Map();
  /** The knob that was mapped last, and what it sent then: an endless one sends the same again. */
  #learned = { input: "", value: -1 };

  /** @param {import("./show.js").Show} show @param {import("./edit.js").Edit} edit @param {(sentence: string) => void} complain */
  constructor(show, edit, complain) {
    this.show = show;
    this.edit = edit;
    this.complain = complain;
    effect(() => this.#light(show.lights.value));
    if (localStorage.getItem(KEPT)) void this.start();
  }

  async start() {
    if (this.#access) return true;
    if (!navigator.requestMIDIAccess) {
      this.complain("This browser has no MIDI, or gives it only to pages on this machine or over HTTPS.");
      return false;
    }
    try {
      this.#access = await navigator.requestMIDIAccess();
    } catch (error) {
      this.complain(`MIDI cannot be used: ${error instanceof Error ? error.message : error}`);
      return false;
    }
    localStorage.setItem(KEPT, "on");
    this.on.value = true;
    this.#access.addEventListener("statechange", () => this.#listen());
    this.#listen();
    return true;
  }

  /** Mapping mode on or off. */
  flip() {
    if (this.mapping.peek()) return this.leave();
    this.mapping.value = true;
    void this.start();
  }

  leave() {
    this.giveUp();
    this.mapping.value = false;
  }

  /** @param {Target} target */
  async learn(target) {
    if (await this.start()) this.learning.value = target;
  }

  giveUp() {
    this.learning.value = null;
  }

  /** @param {Target} target @returns {Promise<boolean>} */
  forget(target) {
    const at = mappingsOf(this.show.setup.peek().mappings, target);
    return this.edit.patch(
      at.map((index) => ({ op: "remove", path: pointer("mappings", index) })),
      "Forget a mapping",
    );
  }

  /** @param {Target} target @returns {string} the input that moves it, "" for none */
  inputOf(target) {
    const { mappings } = this.show.setup.value;
    return mappings[mappingsOf(mappings, target)[0]]?.input ?? "";
  }

  #listen() {
    const inputs = [...(this.#access?.inputs.values() ?? [])];
    this.devices.value = inputs.map((input) => input.name ?? "MIDI device");
    for (const input of inputs) input.onmidimessage = (event) => event.data && this.received([...event.data]);
  }

  /** @param {number[]} bytes one message of a device */
  received(bytes) {
    if (bytes.length > 3) return;
    const input = inputNamed(bytes);
    const wanted = this.learning.peek();
    if (input && wanted) return this.#learn(input, bytes[2], wanted);
    if (input === this.#learned.input) this.#guess(bytes[2]);
    if (!/:(cc|bend|pressure)\b/.test(input) || this.#isEndless(input)) return void this.edit.send({ midi: bytes });
    if (!this.#waiting.size) requestAnimationFrame(() => this.#flush());
    this.#waiting.set(input, bytes);
  }

  /** @param {string} input @param {number} value @param {Target} target */
  #learn(input, value, target) {
    this.#learned = { input: input.includes(":cc:") ? input : "", value };
    this.map(input, target);
  }

  /** @param {number} value the second one of a knob that has just been mapped: the same step again means an endless one */
  #guess(value) {
    const { input, value: first } = this.#learned;
    this.#learned.input = "";
    if (value === first && value in STEPS_LEFT) void this.encode(input, STEPS_LEFT[value]);
  }

  /** @param {string} input @param {string} encoding what its values mean from now on */
  encode(input, encoding) {
    const at = this.show.setup.peek().mappings.flatMap((one, index) => (one.input === input ? [index] : []));
    const steps = at.map((index) => ({ op: "add", path: pointer("mappings", index, "encoding"), value: encoding }));
    return this.edit.patch(steps, `Read ${inputWords(input)}`);
  }

  /** @param {string} input */
  #isEndless(input) {
    const mapped = this.show.setup.peek().mappings.find((one) => one.input === input);
    return mapped !== undefined && !["absolute", "14-bit"].includes(mapped.encoding);
  }

  #flush() {
    for (const bytes of this.#waiting.values()) this.edit.send({ midi: bytes });
    this.#waiting.clear();
  }

  /** @param {string} input what moves the target from now on, in the place of others @param {Target} target */
  map(input, target) {
    this.learning.value = null;
    const old = mappingsOf(this.show.setup.peek().mappings, target);
    const value = {
      input,
      stage: null,
      field: null,
      low: null,
      high: null,
      action: null,
      encoding: "absolute",
      ...target,
    };
    const removals = old.map((index) => ({ op: "remove", path: pointer("mappings", index) }));
    void this.edit.patch([...removals, { op: "add", path: "/mappings/-", value }], `Map ${inputWords(input)}`);
  }

  /** @param {number[][]} lights */
  #light(lights) {
    for (const output of this.#access?.outputs.values() ?? []) for (const light of lights) output.send(light);
  }
}

/** @param {Mapping[]} mappings @param {Target} target @returns {number[]} the highest first, so that removals do not shift one another */
export function mappingsOf(mappings, target) {
  const isIts = (/** @type {Mapping} */ one) =>
    target.action ? one.action === target.action : one.stage === target.stage && one.field === target.field;
  return mappings.flatMap((one, at) => (isIts(one) ? [at] : [])).reverse();
}

/** @param {number[]} bytes @returns {string} the name of the knob, fader, wheel or pad; "" for other messages and for a pad let go */
export function inputNamed([status, number, value]) {
  const [channel, kind] = [`midi:${(status & 0x0f) + 1}`, status & 0xf0];
  if (kind === 0xb0) return `${channel}:cc:${number}`;
  if (kind === 0xc0) return `${channel}:program:${number}`;
  if (kind === 0xd0) return `${channel}:pressure`;
  if (kind === 0xe0) return `${channel}:bend`;
  return kind === 0x90 && value > 0 ? `${channel}:note:${number}` : "";
}

/** @param {import("./fields.js").Field} field whether a knob or a pad can move it */
export const isMappable = (field) => ["slider", "toggle", "menu"].includes(field.kind) && !field.load;

/** @param {string} stage @param {import("./fields.js").Field} field @returns {Target} */
export const midiTarget = (stage, { name, min, max }) => ({ stage, field: name, low: min ?? null, high: max ?? null });
