/** This window's camera or screen as the show's source. */

import * as api from "./api.js";
import { bestFormat, Ingest } from "./ingest.js";
import { signal } from "./signals.js";

export class Capture {
  /** What this window sends: null, or what kind of source it is. */
  ingest = signal(/** @type {Ingest | null} */ (null));
  kind = signal(/** @type {"camera" | "screen" | null} */ (null));
  device = signal("");

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
      this.complain(refusal(kind, error));
      return false;
    }
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
      return navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: false });
    const device = this.device.peek();
    const size = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
    return navigator.mediaDevices.getUserMedia({
      video: device ? { ...size, deviceId: { exact: device } } : size,
      audio: false,
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

/** @param {"camera" | "screen"} kind @param {unknown} error */
function refusal(kind, error) {
  const what = kind === "camera" ? "the camera" : "the screen";
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") return `The browser was not allowed to use ${what}.`;
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return kind === "camera" ? "No camera was found." : "There is no screen to share here.";
  if (name === "NotReadableError" && kind === "camera") return "The camera is in use by another program.";
  return `${what[0].toUpperCase()}${what.slice(1)} cannot be used: ${error instanceof Error ? error.message : error}`;
}
