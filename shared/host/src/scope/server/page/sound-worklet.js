/** Runs on the browser's audio thread: samples in blocks of 20 ms, 16 bits, two channels taking turns. */

const CHANNELS = 2;

const { AudioWorkletProcessor, registerProcessor, sampleRate } = /** @type {any} what this thread has */ (globalThis);

class Blocks extends AudioWorkletProcessor {
  #block = new Int16Array(CHANNELS * Math.round(sampleRate / 50));
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    for (let at = 0; at < (input[0]?.length ?? 0); at++) {
      for (let channel = 0; channel < CHANNELS; channel++) {
        const sample = Math.max(-1, Math.min(1, input[channel][at]));
        this.#block[this.#filled++] = Math.round(sample * 32767);
      }
      if (this.#filled === this.#block.length) {
        this.port.postMessage(this.#block);
        this.#filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("blocks", Blocks);
