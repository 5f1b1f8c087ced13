/** The output over WebRTC (WHEP): for windows on other machines, where lost packets and narrow lines are its business. */

/** Without a picture for this long the next way is tried. */
const PATIENCE_MS = 8000;

/** @typedef {import("./view.js").Pictures} Pictures */

/** @implements {Pictures} */
export class PeerPictures {
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  /** What ends the session. @type {string} */
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
    if (this.#session) end(this.#session);
    this.#session = "";
  }

  /** The encoder decides the size. */
  resized() {}

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    await connection.setLocalDescription();
    await gathered(connection);
    const body = connection.localDescription?.sdp;
    const headers = { "Content-Type": "application/sdp" };
    const answer = await fetch("/api/v1/whep", { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const session = answer.headers.get("Location") ?? "";
    if (connection !== this.#connection) return end(session);
    this.#session = session;
    await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
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

/** @param {string} session */
function end(session) {
  void fetch(session, { method: "DELETE" }).catch(() => null);
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
