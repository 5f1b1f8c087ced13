/** Camera and screen pictures to the server, encoded by WebCodecs where there is one, as JPEG elsewhere; and their sound. */

import { socketAddress } from "./api.js";
import { h264 } from "./encoding.js";
import { ASK_MS, askForPicture, framesOf } from "./frames.js";
import { KIND, withHeader } from "./header.js";
import { Microphone } from "./microphone.js";
import { signal } from "./signals.js";
import { Socket } from "./socket.js";

/** More pictures than this are never on their way unanswered: the newest one waits, older ones are dropped. */
const MOST_OUT = 2;
const KEY_EVERY_MS = 4000;
/** A screen on which nothing moves gives no pictures: its last one is sent again, so that what is made of it goes on moving. */
const REPEAT_MS = 66;

export class Ingest {
  /** False while another window's pictures feed the show. */
  active = signal(true);
  #out = 0;
  #number = 0;
  #wantKey = true;
  #lastKey = 0;
  #running = true;
  /** @type {VideoEncoder | null} */
  #encoder = null;
  /** A screen's newest picture, and when it came. @type {{ frame: VideoFrame, at: number } | null} */
  #still = null;
  #repeater = 0;
  #asker = 0;
  /** @type {Microphone | null} */
  #microphone = null;
  /** What the encoder is set up for. @type {{ width: number, height: number } | null} */
  #size = null;

  /**
   * @param {MediaStream} stream
   * @param {"h264" | "jpeg"} format
   * @param {(sentence: string) => void} ended called once, when the source ends by itself
   */
  constructor(stream, format, ended) {
    this.stream = stream;
    this.track = stream.getVideoTracks()[0];
    this.format = format;
    this.track.addEventListener("ended", () => {
      if (!this.#running) return;
      this.stop();
      ended("The camera or the shared screen has stopped.");
    });
    this.socket = new Socket({
      address: () => socketAddress(`/ingest?format=${this.format}&name=page`),
      opened: () => this.#opened(),
      received: (data) => this.#answered(JSON.parse(data)),
    });
    this.socket.start();
    const isScreen = this.track.getSettings().displaySurface !== undefined;
    if (isScreen) {
      this.#repeater = setInterval(() => this.#repeat(), REPEAT_MS);
      this.#asker = setInterval(() => askForPicture(stream), ASK_MS);
    }
    if (stream.getAudioTracks().length) this.#microphone = new Microphone(stream, this.socket);
    void this.#capture(isScreen);
  }

  stop() {
    this.#running = false;
    clearInterval(this.#repeater);
    clearInterval(this.#asker);
    this.#still?.frame.close();
    this.#microphone?.stop();
    this.socket.stop();
    if (this.#encoder?.state === "configured") this.#encoder.close();
    for (const track of this.stream.getTracks()) track.stop();
  }

  #opened() {
    this.#out = 0;
    this.#wantKey = true;
  }

  /** @param {{ took?: number, error?: string, active?: boolean }} answer */
  #answered(answer) {
    if (answer.took !== undefined) this.#out = Math.max(0, this.#out - 1);
    if (answer.error !== undefined) this.#opened();
    if (answer.active !== undefined) this.active.value = answer.active;
  }

  /** @param {boolean} isScreen */
  async #capture(isScreen) {
    for await (const frame of framesOf(this.track)) {
      if (!this.#running) return frame.close();
      if (isScreen) this.#keep(frame.clone());
      await this.#take(frame);
    }
  }

  /** @param {VideoFrame} frame */
  #keep(frame) {
    clearInterval(this.#asker);
    this.#still?.frame.close();
    this.#still = { frame, at: performance.now() };
  }

  #repeat() {
    if (!this.#still) return;
    const { frame, at } = this.#still;
    const age = performance.now() - at;
    if (age > REPEAT_MS)
      void this.#take(new VideoFrame(frame, { timestamp: frame.timestamp + Math.round(1000 * age) }));
  }

  /** @param {VideoFrame} frame */
  async #take(frame) {
    if (this.#out >= MOST_OUT || (this.#encoder?.encodeQueueSize ?? 0) > 1) frame.close();
    else if (this.format === "h264") this.#encode(frame);
    else await this.#sendJpeg(frame);
  }

  /** @param {VideoFrame} frame */
  #encode(frame) {
    const [width, height] = [frame.displayWidth & ~1, frame.displayHeight & ~1];
    if (!this.#encoder || this.#encoder.state === "closed") this.#encoder = this.#newEncoder();
    const settings = h264(width, height);
    if (this.#size?.width !== width || this.#size.height !== height) {
      this.#encoder.configure(settings);
      this.#size = { width, height };
      this.#wantKey = true;
    }
    const keyFrame = this.#wantKey || performance.now() - this.#lastKey > KEY_EVERY_MS;
    if (keyFrame) this.#lastKey = performance.now();
    this.#wantKey = false;
    this.#out++;
    this.#microphone?.follow(frame.timestamp);
    this.#encoder.encode(frame, { keyFrame });
    frame.close();
  }

  #newEncoder() {
    this.#size = null;
    return new VideoEncoder({
      output: (chunk) => {
        const payload = new Uint8Array(chunk.byteLength);
        chunk.copyTo(payload);
        this.#send(
          chunk.type === "key" ? KIND.key : KIND.delta,
          payload,
          chunk.timestamp,
          /** @type {any} */ (this.#size),
        );
      },
      error: () => this.#fallBack(),
    });
  }

  #fallBack() {
    this.format = "jpeg";
    this.socket.stop();
    this.socket.start();
  }

  /** @param {VideoFrame} frame */
  async #sendJpeg(frame) {
    const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
    canvas.getContext("2d")?.drawImage(frame, 0, 0);
    frame.close();
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
    this.#out++;
    const now = performance.now() * 1000;
    this.#microphone?.follow(now);
    this.#send(KIND.jpeg, new Uint8Array(await blob.arrayBuffer()), now, canvas);
  }

  /** @param {number} kind @param {Uint8Array} payload @param {number} captureUs @param {{ width: number, height: number }} size */
  #send(kind, payload, captureUs, { width, height }) {
    this.#number = (this.#number + 1) >>> 0;
    const header = { kind, flags: 0, number: this.#number, captureUs, width, height, pipelineUs: 0 };
    if (!this.socket.send(withHeader(header, payload))) this.#opened();
  }
}
