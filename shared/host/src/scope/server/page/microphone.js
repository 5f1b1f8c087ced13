/** The sound of a camera's or a screen's stream to the server, on the socket of its pictures. */

import { KIND, withHeader } from "./header.js";

const CHANNELS = 2;
/** Sound that finds a quarter of a second waiting is left out: it would only come later and later. */
const MOST_UNSENT = 48_000;

export class Microphone {
  #context = new AudioContext();
  /** Microseconds by which this window's clock is ahead of the one that pictures are stamped with; null before the first. @type {number | null} */
  #ahead = null;

  /** @param {MediaStream} stream one with a track of sound @param {import("./socket.js").Socket} socket */
  constructor(stream, socket) {
    this.socket = socket;
    void this.#start(stream);
  }

  /** @param {number} captureUs what the picture that goes now is stamped with */
  follow(captureUs) {
    this.#ahead = performance.now() * 1000 - captureUs;
  }

  stop() {
    void this.#context.close();
  }

  /** @param {MediaStream} stream */
  async #start(stream) {
    const context = this.#context;
    await context.audioWorklet.addModule(new URL("./sound-worklet.js", import.meta.url));
    if (context.state === "closed") return;
    const blocks = new AudioWorkletNode(context, "blocks", { channelCount: CHANNELS, channelCountMode: "explicit" });
    blocks.port.onmessage = ({ data }) => this.#send(data);
    // It puts out silence; only what leads to the speakers is run in every browser.
    context.createMediaStreamSource(stream).connect(blocks).connect(context.destination);
  }

  /** @param {Int16Array} samples 20 ms of both channels, taking turns */
  #send(samples) {
    if (this.#ahead === null || this.socket.unsent > MOST_UNSENT) return;
    const rate = this.#context.sampleRate;
    const lasted = (1e6 * samples.length) / CHANNELS / rate;
    const captureUs = performance.now() * 1000 - this.#ahead - lasted;
    const header = { kind: KIND.sound, flags: 0, number: 0, captureUs, width: CHANNELS, height: 0, pipelineUs: rate };
    this.socket.send(withHeader(header, new Uint8Array(samples.buffer)));
  }
}
