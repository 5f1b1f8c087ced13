/** Pictures of one tap of the show on a canvas, by the best way there is: sockets on this machine, WebRTC from elsewhere. */

import { signal } from "./signals.js";
import { PeerPictures } from "./view-peer.js";
import { SocketPictures } from "./view-socket.js";

/** @typedef {{ stage: string, fps?: number, width: () => number }} Wish `width`: pixels wanted, 0 for the picture's own size */
/**
 * A way for pictures to come.
 * @typedef {object} Pictures
 * @property {() => void} start
 * @property {() => void} stop
 * @property {() => void} resized
 */
/**
 * What a way calls.
 * @typedef {object} Sink
 * @property {(bitmap: ImageBitmap, number: number) => void} picture
 * @property {(reason: string) => void} refused a sentence; the way does not come back by itself
 * @property {() => void} failed it does not work here: try the next way
 */
/** @typedef {"webrtc" | "h264" | "jpeg"} Way */

export class View {
  /** The number of the picture on the canvas, 0 before the first. */
  number = signal(0);
  /** Why there is no picture, "" while there is no reason. */
  reason = signal("");
  #context;
  #ways;
  #pictures;

  /** @param {HTMLCanvasElement} canvas @param {Wish} wish @param {Way[]} [ways] the first that works is taken */
  constructor(canvas, wish, ways = ["jpeg"]) {
    this.canvas = canvas;
    this.wish = wish;
    this.#ways = [...ways];
    this.#context = /** @type {ImageBitmapRenderingContext} */ (canvas.getContext("bitmaprenderer"));
    this.#pictures = this.#next();
  }

  start() {
    this.reason.value = "";
    this.#pictures.start();
  }

  stop() {
    this.#pictures.stop();
  }

  /** Asks anew when the canvas needs another size. */
  resized() {
    this.#pictures.resized();
  }

  /** @returns {Pictures} */
  #next() {
    const way = this.#ways.shift() ?? "jpeg";
    this.canvas.dataset.way = way;
    /** @type {Sink} */
    const sink = {
      picture: (bitmap, number) => this.#show(bitmap, number),
      refused: (reason) => (this.reason.value = reason),
      failed: () => {
        this.#pictures.stop();
        this.#pictures = this.#next();
        this.#pictures.start();
      },
    };
    return way === "webrtc" ? new PeerPictures(sink) : new SocketPictures(way, this.wish, sink);
  }

  /** @param {ImageBitmap} bitmap @param {number} number */
  #show(bitmap, number) {
    const { width, height } = bitmap;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.#context.transferFromImageBitmap(bitmap);
    this.canvas.dataset.number = String(number);
    this.number.value = number;
  }
}

/**
 * The ways to try for the output, best first. `?view=jpeg` (or h264, webrtc) in the page's address chooses one.
 * @returns {Way[]}
 */
export function outputWays() {
  const wanted = new URLSearchParams(location.search).get("view");
  if (wanted === "webrtc" || wanted === "h264" || wanted === "jpeg") return [wanted];
  if (["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) return ["jpeg"];
  return ["webrtc", ...("VideoDecoder" in globalThis ? [/** @type {Way} */ ("h264")] : []), "jpeg"];
}

/**
 * The width in device pixels that a canvas can show, in steps, so that a small resize asks for nothing new.
 * @param {HTMLCanvasElement} canvas
 */
export function widthOf(canvas) {
  const pixels = canvas.clientWidth * devicePixelRatio;
  return Math.min(4096, Math.max(64, Math.ceil(pixels / 128) * 128));
}
