/** The 24 bytes before every picture on the view and ingest sockets, little-endian. */

export const HEADER_BYTES = 24;
export const KIND = /** @type {const} */ ({ key: 1, delta: 2, jpeg: 3, sound: 4 });

/**
 * @typedef {object} PictureHeader
 * @property {number} kind one of KIND
 * @property {number} flags
 * @property {number} number the frame's number
 * @property {number} captureUs microseconds of the sender's clock
 * @property {number} width
 * @property {number} height
 * @property {number} pipelineUs microseconds from capture to result
 */

/** @param {ArrayBuffer} buffer @returns {PictureHeader} */
export function readHeader(buffer) {
  const view = new DataView(buffer);
  const bytes = view.getUint16(2, true);
  if (bytes !== HEADER_BYTES) throw new Error(`picture header: expected ${HEADER_BYTES} bytes, got ${bytes}`);
  return {
    kind: view.getUint8(0),
    flags: view.getUint8(1),
    number: view.getUint32(4, true),
    captureUs: Number(view.getBigUint64(8, true)),
    width: view.getUint16(16, true),
    height: view.getUint16(18, true),
    pipelineUs: view.getUint32(20, true),
  };
}

/**
 * @param {PictureHeader} header
 * @param {Uint8Array} payload
 * @returns {Uint8Array<ArrayBuffer>} header and payload as one message
 */
export function withHeader(header, payload) {
  const message = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, header.kind);
  view.setUint8(1, header.flags);
  view.setUint16(2, HEADER_BYTES, true);
  view.setUint32(4, header.number, true);
  view.setBigUint64(8, BigInt(Math.round(header.captureUs)), true);
  view.setUint16(16, header.width, true);
  view.setUint16(18, header.height, true);
  view.setUint32(20, header.pipelineUs, true);
  message.set(payload, HEADER_BYTES);
  return message;
}
