/** Pictures of a camera or a screen, one by one. */

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
