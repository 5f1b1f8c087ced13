/** Pictures over a WebSocket, JPEG or H.264, with a credit for each one shown: no more than a few are ever on their way. */

import { socketAddress } from "./api.js";
import { HEADER_BYTES, KIND, readHeader } from "./header.js";
import { Socket } from "./socket.js";

/** @typedef {import("./header.js").PictureHeader} PictureHeader */
/** @typedef {import("./view.js").Pictures} Pictures */

const REASONS = /** @type {Record<number, string>} */ ({
  4404: "This stage is not in the chain any more.",
  4429: "Too many windows are watching: close one of them.",
});
const NOT_AVAILABLE = 4409;

/** @implements {Pictures} */
export class SocketPictures {
  #socket;
  #asked = 0;
  #busy = false;
  /** The newest JPEG that waits for the one before it. @type {ArrayBuffer | null} */
  #next = null;
  /** @type {VideoDecoder | null} */
  #decoder = null;

  /** @param {"jpeg" | "h264"} format @param {import("./view.js").Wish} wish @param {import("./view.js").Sink} sink */
  constructor(format, wish, sink) {
    this.format = format;
    this.wish = wish;
    this.sink = sink;
    this.#socket = new Socket({
      address: () => this.#address(),
      opened: () => this.#endDecoder(),
      received: (data) => this.#received(data),
      closed: (code) => this.#closed(code),
    });
  }

  start() {
    this.#socket.start();
  }

  stop() {
    this.#socket.stop();
    this.#next = null;
    this.#endDecoder();
  }

  resized() {
    if (this.wish.width() === this.#asked) return;
    this.stop();
    this.start();
  }

  #address() {
    this.#asked = this.wish.width();
    const query = new URLSearchParams({ format: this.format, stage: this.wish.stage });
    if (this.#asked) query.set("width", String(this.#asked));
    if (this.wish.fps) query.set("fps", String(this.wish.fps));
    return socketAddress(`/view?${query}`);
  }

  /** @param {ArrayBuffer} data */
  #received(data) {
    const header = readHeader(data);
    if (header.kind !== KIND.jpeg) return this.#decode(header, new Uint8Array(data, HEADER_BYTES));
    this.#next = data;
    if (!this.#busy) void this.#drawJpegs();
  }

  async #drawJpegs() {
    this.#busy = true;
    while (this.#next) {
      const data = this.#next;
      this.#next = null;
      const blob = new Blob([new Uint8Array(data, HEADER_BYTES)], { type: "image/jpeg" });
      const bitmap = await createImageBitmap(blob).catch(() => null);
      this.#shown(bitmap, readHeader(data).number);
    }
    this.#busy = false;
  }

  /** @param {PictureHeader} header @param {Uint8Array} data every picture has to be decoded: the next one builds on it */
  #decode(header, data) {
    const key = header.kind === KIND.key;
    if (key && !this.#decoder) this.#decoder = this.#newDecoder(header);
    if (!this.#decoder) return this.#shown(null, header.number);
    this.#decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: header.number, data }));
  }

  /** @param {PictureHeader} header */
  #newDecoder({ width, height }) {
    const decoder = new VideoDecoder({
      output: async (frame) => {
        const number = frame.timestamp;
        const bitmap = await createImageBitmap(frame).catch(() => null);
        frame.close();
        this.#shown(bitmap, number);
      },
      error: () => this.sink.failed(),
    });
    const level = width * height <= 1280 * 720 ? "1f" : width * height <= 1920 * 1088 ? "28" : "33";
    decoder.configure({ codec: `avc1.42e0${level}`, optimizeForLatency: true });
    return decoder;
  }

  /** @param {ImageBitmap | null} bitmap @param {number} number */
  #shown(bitmap, number) {
    if (bitmap) this.sink.picture(bitmap, number);
    this.#socket.send(JSON.stringify({ seen: number }));
  }

  #endDecoder() {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  /** @param {number} code */
  #closed(code) {
    if (code === NOT_AVAILABLE) {
      this.sink.failed();
      return false;
    }
    this.sink.refused(REASONS[code] ?? "");
    return !(code in REASONS);
  }
}
