/** This window's camera or screen as the show's source. */

import * as api from "./api.js";
import { bestFormat } from "./encoding.js";
import { Ingest } from "./ingest.js";
import { signal } from "./signals.js";

export class Capture {
  /** What this window sends: null, or what kind of source it is. */
  ingest = signal(/** @type {Ingest | null} */ (null));
  kind = signal(/** @type {"camera" | "screen" | null} */ (null));
  device = signal("");
  /** Whether the microphone is sent beside the camera. */
  microphone = signal(false);

  /** @param {(sentence: string) => void} complain */
  constructor(complain) {
    this.complain = complain;
  }

  /** @param {"camera" | "screen"} kind @returns {Promise<boolean>} false when the person or the browser refused */
  async start(kind) {
    if (!navigator.mediaDevices) {
      this.complain(
        "The browser gives cameras only to pages on this machine or over HTTPS: start the server with --tls.",
      );
      return false;
    }
    try {
      const stream = await this.#open(kind);
      const { ingest_formats: formats } = await api.get("/host");
      this.stop();
      this.kind.value = kind;
      this.device.value = stream.getVideoTracks()[0].getSettings().deviceId ?? "";
      this.ingest.value = new Ingest(
        stream,
        await bestFormat(formats),
        (sentence) => (this.#forget(), this.complain(sentence)),
      );
      return true;
    } catch (error) {
      this.complain(refusal(kind, this.microphone.peek(), error));
      return false;
    }
  }

  /** Send the microphone beside the camera, or no longer. @param {boolean} on */
  async listen(on) {
    this.microphone.value = on;
    if (this.kind.peek() === "camera" && !(await this.start("camera"))) this.microphone.value = !on;
  }

  stop() {
    this.ingest.peek()?.stop();
    this.#forget();
  }

  #forget() {
    this.ingest.value = null;
    this.kind.value = null;
  }

  /** @param {"camera" | "screen"} kind */
  #open(kind) {
    if (kind === "screen")
      return navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
    const device = this.device.peek();
    const size = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
    return navigator.mediaDevices.getUserMedia({
      video: device ? { ...size, deviceId: { exact: device } } : size,
      audio: this.microphone.peek() && { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  }
}

/** @returns {Promise<{ id: string, label: string }[]>} the cameras; their names are known once one was allowed */
export async function cameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === "videoinput")
    .map((device, at) => ({ id: device.deviceId, label: device.label || `Camera ${at + 1}` }));
}

/** @param {"camera" | "screen"} kind @param {boolean} microphone whether it was asked for too @param {unknown} error */
function refusal(kind, microphone, error) {
  const camera = microphone ? "the camera or the microphone" : "the camera";
  const what = kind === "camera" ? camera : "the screen";
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") return `The browser was not allowed to use ${what}.`;
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return kind === "camera" ? `The browser did not find ${camera}.` : "There is no screen to share here.";
  if (name === "NotReadableError" && kind === "camera") return `Another program is using ${camera}.`;
  return `${what[0].toUpperCase()}${what.slice(1)} cannot be used: ${error instanceof Error ? error.message : error}`;
}
