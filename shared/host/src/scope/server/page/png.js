/** The set-up inside a PNG: one `tEXt` chunk with the keyword `scope` (PNG specification, 11.3.3.2). */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const KEYWORD = "scope";

/**
 * @param {ArrayBuffer} buffer the file
 * @returns {string | null} the text under the keyword, null when the file is no PNG or has none
 */
export function textOfPng(buffer) {
  const bytes = new Uint8Array(buffer);
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) return null;
  const view = new DataView(buffer);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const size = view.getUint32(at);
    const data = bytes.subarray(at + 8, at + 8 + size);
    if (ascii(bytes.subarray(at + 4, at + 8)) === "tEXt") {
      const text = afterKeyword(data);
      if (text !== null) return text;
    }
    at += 12 + size;
  }
  return null;
}

/** @param {Uint8Array} data @returns {string | null} */
function afterKeyword(data) {
  const end = data.indexOf(0);
  return ascii(data.subarray(0, end)) === KEYWORD ? new TextDecoder("utf-8").decode(data.subarray(end + 1)) : null;
}

/** @param {Uint8Array} bytes */
const ascii = (bytes) => String.fromCharCode(...bytes);
