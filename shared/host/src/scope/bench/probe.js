// Runs inside the real page: notes when a picture is on the canvas and which moment is drawn in it, sends pictures with
// the moment of their drawing as a camera would, and measures how long a change takes to be seen.
// See barcode.py for how a moment is drawn.
globalThis.probe = (() => {
  const CELLS = 24;
  const UNITS_A_MS = 10;
  const SHARE = 12;
  const FPS = 30;
  const strip = new OffscreenCanvas(CELLS, 1).getContext("2d", { willReadFrequently: true });
  const corner = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  let shown = [];
  let waiting = null;

  function watch(canvas) {
    new MutationObserver(() => note(canvas, performance.now())).observe(canvas, { attributeFilter: ["data-number"] });
  }

  function note(canvas, now) {
    const { width, height } = canvas;
    const bar = height / SHARE;
    strip.drawImage(canvas, 0, bar / 4, width, bar / 2, 0, 0, CELLS, 1);
    const cells = strip.getImageData(0, 0, CELLS, 1).data;
    let stamp = 0;
    for (let i = 0; i < CELLS; i++) stamp = stamp * 2 + (cells[4 * i] > 127 ? 1 : 0);
    shown.push([now, stamp, width, height]);
    if (!waiting) return;
    corner.drawImage(canvas, width * 0.9, height * 0.9, width * 0.05, height * 0.05, 0, 0, 1, 1);
    if (corner.getImageData(0, 0, 1, 1).data[0] > 127 === waiting.white) waiting.seen(now);
  }

  function collect() {
    const found = shown;
    shown = [];
    return found;
  }

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // Milliseconds from each message that changes the corner to the picture that shows it.
  async function marks(stage, seconds) {
    const socket = new WebSocket(`ws://${location.host}/api/v1/control?name=bench`);
    await new Promise((resolve) => (socket.onopen = resolve));
    const found = [];
    const end = performance.now() + seconds * 1000;
    for (let n = 1; performance.now() < end; n++) {
      const white = n % 2 === 0;
      const sent = performance.now();
      socket.send(JSON.stringify({ n, stage, set: { mark: white ? "white" : "black" } }));
      const seen = await new Promise((resolve) => (waiting = { white, seen: resolve }));
      waiting = null;
      if (n > 2) found.push(seen - sent);
      await sleep(100 + (n % 10) * 3.7); // at any moment between two pictures
    }
    socket.close();
    return found;
  }

  async function camera(way, width, height, pictures) {
    const track = new MediaStreamTrackGenerator({ kind: "video" });
    const writer = track.writable.getWriter();
    const context = new OffscreenCanvas(width, height).getContext("2d");
    const bitmaps = await Promise.all(pictures.map(decoded));
    let count = 0;
    setInterval(() => {
      if (writer.desiredSize <= 0) return;
      context.drawImage(bitmaps[count++ % bitmaps.length], 0, 0);
      const now = performance.now();
      draw(context, now, width, height);
      void writer.write(new VideoFrame(context.canvas, { timestamp: Math.round(now * 1000) }));
    }, 1000 / FPS);
    if (way === "webrtc") await publish(track);
    else {
      const { Ingest } = await import("/ingest.js");
      new Ingest(new MediaStream([track]), "h264", (sentence) => console.error(sentence));
    }
  }

  function draw(context, now, width, height) {
    const stamp = Math.floor(now * UNITS_A_MS) % 2 ** CELLS;
    for (let i = 0; i < CELLS; i++) {
      const [left, right] = [Math.floor((i * width) / CELLS), Math.floor(((i + 1) * width) / CELLS)];
      context.fillStyle = (stamp >> (CELLS - 1 - i)) & 1 ? "#fff" : "#000";
      context.fillRect(left, 0, right - left, Math.floor(height / SHARE));
    }
  }

  async function decoded(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  }

  async function publish(track) {
    const connection = new RTCPeerConnection();
    const { sender } = connection.addTransceiver(track, { direction: "sendonly" });
    const parameters = sender.getParameters();
    parameters.degradationPreference = "maintain-resolution";
    await sender.setParameters(parameters);
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete") await sleep(20);
    const headers = { "Content-Type": "application/sdp" };
    const offer = connection.localDescription.sdp;
    const answer = await fetch("/api/v1/whip", { method: "POST", headers, body: offer });
    await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  }

  return { watch, collect, marks, camera };
})();
