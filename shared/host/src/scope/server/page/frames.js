/** Pictures of a camera or a screen, one by one. */

/** Without a first picture of a screen the browser is asked for one so often. */
export const ASK_MS = 500;

/**
 * The pictures of a track as they come; what is not read in time is dropped by the browser.
 * @param {MediaStreamTrack} track
 * @returns {AsyncGenerator<VideoFrame>}
 */
export async function* framesOf(track) {
  if ("MediaStreamTrackProcessor" in globalThis) {
    const processor = new /** @type {any} */ (globalThis).MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
    const reader = processor.readable.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    return;
  }
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  while (track.readyState === "live") {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    yield new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) });
  }
}

/**
 * Chromium may lose the first picture of a screen, and gives no other while nothing moves on it: but it gives a fresh one to
 * everybody when a video is attached.
 * @param {MediaStream} stream
 */
export function askForPicture(stream) {
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = stream;
  video.play().catch(() => {});
  setTimeout(() => (video.srcObject = null), ASK_MS);
}
