/** The output over WebRTC: for windows on other machines, where lost packets and narrow lines are its business. */

import * as api from "./api.js";

/** Without a picture for this long the next way is tried. */
const PATIENCE_MS = 8000;

/** @typedef {import("./view.js").Pictures} Pictures */

/** @implements {Pictures} */
export class PeerPictures {
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  #session = "";
  #number = 0;
  #timer = 0;

  /** @param {import("./view.js").Sink} sink */
  constructor(sink) {
    this.sink = sink;
  }

  start() {
    this.stop();
    const connection = new RTCPeerConnection();
    this.#connection = connection;
    this.#wait();
    connection.addTransceiver("video", { direction: "recvonly" });
    connection.addEventListener("track", ({ track, receiver }) => {
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
      void this.#watch(track, connection);
    });
    connection.addEventListener("connectionstatechange", () => {
      if (connection === this.#connection && connection.connectionState === "failed") this.#again();
    });
    this.#offer(connection).catch(() => connection === this.#connection && this.sink.failed());
  }

  stop() {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = null;
    if (this.#session) void api.del(`/webrtc/offer/${this.#session}`).catch(() => null);
    this.#session = "";
  }

  /** The encoder decides the size. */
  resized() {}

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    await connection.setLocalDescription();
    await gathered(connection);
    const { type, sdp } = /** @type {RTCSessionDescription} */ (connection.localDescription);
    const answer = await api.post("/webrtc/offer", { type, sdp });
    if (connection !== this.#connection) return void api.del(`/webrtc/offer/${answer.sessionId}`).catch(() => null);
    this.#session = answer.sessionId;
    await connection.setRemoteDescription({ type: answer.type, sdp: answer.sdp });
  }

  /** @param {MediaStreamTrack} track @param {RTCPeerConnection} connection */
  async #watch(track, connection) {
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = new MediaStream([track]);
    const next = async () => {
      if (connection !== this.#connection) return;
      const bitmap = await createImageBitmap(video).catch(() => null);
      if (bitmap) this.sink.picture(bitmap, ++this.#number);
      clearTimeout(this.#timer);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
    await video.play().catch(() => null);
  }

  /** A connection that once stood is made again; one that never did gives way. */
  #again() {
    if (this.#number) this.start();
    else this.sink.failed();
  }

  #wait() {
    this.#timer = setTimeout(() => !this.#number && this.sink.failed(), PATIENCE_MS);
  }
}

/** @param {RTCPeerConnection} connection @returns {Promise<void>} when its candidates are known, at most a second later */
function gathered(connection) {
  return new Promise((resolve) => {
    const look = () => connection.iceGatheringState === "complete" && resolve();
    connection.addEventListener("icegatheringstatechange", look);
    setTimeout(resolve, 1000);
    look();
  });
}
