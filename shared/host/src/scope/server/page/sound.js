/** Sound of this browser's microphone as levels that move fields, thirty times a second: what `scope.control.bands` does. */

import { signal } from "./signals.js";

const EVERY_MS = 1000 / 30;
const BANDS = /** @type {const} */ ({ bass: [20, 150], low: [150, 600], mid: [600, 2500], high: [2500, 12000] });
/** Quieter than this is 0; full scale is 1. */
const FLOOR_DB = -60;
/** Shares that are left after a thirtieth of a second: up at once, down slowly. */
const RELEASE = 0.85;
const ONSET_RELEASE = 0.7;
/** An onset is this much louder than the average of the last second, and still rising. */
const ONSET_RISE = 0.12;
/** What a full-scale sine adds up to in a spectrum of AnalyserNode: (0.42 / 2)² of its Blackman window, 1.73 bins wide. */
const FULL_SCALE = 0.0441 * 1.7268;

/** @typedef {Record<string, number>} Levels */

export class Sound {
  running = signal(false);
  levels = signal(/** @type {Levels} */ ({}));
  #timer = 0;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStream | null} */
  #stream = null;

  /** @param {(message: object) => boolean} send @param {(sentence: string) => void} complain */
  constructor(send, complain) {
    this.send = send;
    this.complain = complain;
  }

  async start() {
    if (!navigator.mediaDevices)
      return this.complain("The browser gives microphones only to pages on this machine or over HTTPS.");
    try {
      const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: raw });
    } catch (error) {
      return this.complain(`The microphone cannot be used: ${error instanceof Error ? error.message : error}`);
    }
    this.#context = new AudioContext();
    const analyser = new AnalyserNode(this.#context, { fftSize: 2048, smoothingTimeConstant: 0, minDecibels: -100 });
    this.#context.createMediaStreamSource(this.#stream).connect(analyser);
    const follow = follower(this.#context.sampleRate / analyser.fftSize);
    const spectrum = new Float32Array(analyser.frequencyBinCount);
    this.#timer = setInterval(() => {
      analyser.getFloatFrequencyData(spectrum);
      this.levels.value = follow(spectrum);
      this.send({ levels: this.levels.peek() });
    }, EVERY_MS);
    this.running.value = true;
  }

  stop() {
    clearInterval(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    void this.#context?.close();
    this.running.value = false;
    this.levels.value = {};
  }
}

/**
 * @param {number} width hertz of one bin of the spectrum
 * @returns {(spectrum: ArrayLike<number>) => Levels} takes a spectrum in dB, gives levels in [0, 1]; remembers the last second
 */
export function follower(width) {
  /** @type {Levels} */
  const envelope = { level: 0, bass: 0, low: 0, mid: 0, high: 0, onset: 0 };
  /** @type {number[]} */
  const history = [];
  return (spectrum) => {
    const bands = Object.entries(BANDS).map(
      ([name, [from, to]]) => /** @type {const} */ ([name, share(spectrum, from / width, to / width)]),
    );
    const loud = bands.reduce((sum, [, band]) => sum + band, 0) / bands.length;
    const usual = history.reduce((sum, one) => sum + one, 0) / (history.length || 1);
    const rises = loud - usual > ONSET_RISE && loud - (history.at(-1) ?? 0) > ONSET_RISE / 2;
    const isOnset = rises && envelope.onset < ONSET_RELEASE ** 2;
    for (const [name, band] of bands) rise(envelope, name, band, RELEASE);
    rise(envelope, "level", share(spectrum, 0, spectrum.length), RELEASE);
    rise(envelope, "onset", isOnset ? 1 : 0, ONSET_RELEASE);
    history.push(loud);
    if (history.length > 30) history.shift();
    return { ...envelope };
  };
}

/** @param {Levels} envelope @param {string} name @param {number} now @param {number} release */
function rise(envelope, name, now, release) {
  envelope[name] = Math.max(now, envelope[name] * release);
}

/** @param {ArrayLike<number>} spectrum in dB @param {number} from @param {number} to bins @returns {number} its power as a share of the way from the floor to full scale */
function share(spectrum, from, to) {
  let power = 0;
  for (let bin = Math.max(1, Math.ceil(from)); bin < Math.min(spectrum.length, to); bin++)
    power += 10 ** (spectrum[bin] / 10);
  const decibels = 10 * Math.log10(Math.max(power / FULL_SCALE, 1e-12));
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}
