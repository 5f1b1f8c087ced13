/** Pictures of one tap of the show on a canvas, newest first, with a credit for each one shown. */

import { socketAddress } from "./api.js";
import { KIND, readHeader } from "./header.js";
import { signal } from "./signals.js";
import { Socket } from "./socket.js";

/** @typedef {{ stage: string, fps?: number, width: () => number }} Wish `width`: pixels wanted, 0 for the picture's own size */

const REASONS = /** @type {Record<number, string>} */ ({
  4404: "This stage is not in the chain any more.",
  4409: "The server cannot send this format.",
  4429: "Too many windows are watching: close one of them.",
});

export class View {
  /** The number of the picture on the canvas, 0 before the first. */
  number = signal(0);
  size = signal({ width: 0, height: 0 }, (a, b) => a.width === b.width && a.height === b.height);
  /** Why there is no picture, "" while there is no reason. */
  reason = signal("");
  #context;
  #socket;
  #busy = false;
  /** @type {ArrayBuffer | null} */
  #next = null;
  #asked = 0;

  /** @param {HTMLCanvasElement} canvas @param {Wish} wish */
  constructor(canvas, wish) {
    this.canvas = canvas;
    this.wish = wish;
    this.#context = /** @type {ImageBitmapRenderingContext} */ (canvas.getContext("bitmaprenderer"));
    this.#socket = new Socket({
      address: () => this.#address(),
      received: (data) => this.#received(data),
      closed: (code) => this.#closed(code),
    });
  }

  start() {
    this.reason.value = "";
    this.#socket.start();
  }

  stop() {
    this.#socket.stop();
    this.#next = null;
  }

  /** Asks anew when the canvas needs another size. */
  resized() {
    if (this.wish.width() === this.#asked) return;
    this.stop();
    this.start();
  }

  #address() {
    this.#asked = this.wish.width();
    const query = new URLSearchParams({ format: "jpeg", stage: this.wish.stage });
    if (this.#asked) query.set("width", String(this.#asked));
    if (this.wish.fps) query.set("fps", String(this.wish.fps));
    return socketAddress(`/view?${query}`);
  }

  /** @param {ArrayBuffer} data */
  #received(data) {
    this.#next = data;
    if (!this.#busy) void this.#draw();
  }

  async #draw() {
    this.#busy = true;
    while (this.#next) {
      const data = this.#next;
      this.#next = null;
      const header = readHeader(data);
      if (header.kind === KIND.jpeg) await this.#show(header, new Uint8Array(data, 24));
      this.#socket.send(JSON.stringify({ seen: header.number }));
    }
    this.#busy = false;
  }

  /** @param {import("./header.js").PictureHeader} header @param {Uint8Array<ArrayBuffer>} jpeg */
  async #show(header, jpeg) {
    const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" })).catch(() => null);
    if (!bitmap) return;
    this.size.value = { width: bitmap.width, height: bitmap.height };
    this.#context.transferFromImageBitmap(bitmap);
    this.canvas.dataset.number = String(header.number);
    this.number.value = header.number;
  }

  /** @param {number} code */
  #closed(code) {
    this.reason.value = REASONS[code] ?? "";
    return !(code in REASONS);
  }
}

/**
 * The width in device pixels that a canvas can show, in steps, so that a small resize asks for nothing new.
 * @param {HTMLCanvasElement} canvas
 */
export function widthOf(canvas) {
  const pixels = canvas.clientWidth * devicePixelRatio;
  return Math.min(4096, Math.max(64, Math.ceil(pixels / 128) * 128));
}
