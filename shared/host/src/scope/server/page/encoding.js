/** How a window's pictures are encoded for the server. */

/** @param {number} width @param {number} height @returns {VideoEncoderConfig} Constrained Baseline at the level the size needs */
export function h264(width, height) {
  const level = width * height <= 1280 * 720 ? "1f" : width * height <= 1920 * 1088 ? "28" : "33";
  return {
    codec: `avc1.42e0${level}`,
    width,
    height,
    bitrate: Math.round(2_000_000 + width * height * 6),
    latencyMode: "realtime",
    avc: { format: "annexb" },
  };
}

/** @param {string[]} offered the server's formats @returns {Promise<"h264" | "jpeg">} */
export async function bestFormat(offered) {
  if (!offered.includes("h264") || !("VideoEncoder" in globalThis)) return "jpeg";
  const answer = await VideoEncoder.isConfigSupported(h264(1280, 720)).catch(() => null);
  return answer?.supported ? "h264" : "jpeg";
}
