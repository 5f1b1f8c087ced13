import assert from "node:assert/strict";
import { test } from "node:test";

import { KIND, readHeader, withHeader } from "../../src/scope/server/page/header.js";
import { textOfPng } from "../../src/scope/server/page/png.js";

test("a picture's header comes back as it was written", () => {
  const header = {
    kind: KIND.jpeg,
    flags: 0,
    number: 4_000_000_000,
    captureUs: 2 ** 45 + 1,
    width: 1920,
    height: 1080,
    pipelineUs: 12_345,
  };
  const message = withHeader(header, new Uint8Array([7, 8]));
  assert.deepEqual(readHeader(message.buffer), header);
  assert.deepEqual([...message.subarray(24)], [7, 8]);
});

test("a header of another length is refused", () => {
  assert.throws(() => readHeader(new ArrayBuffer(24)), /expected 24 bytes, got 0/);
});

const chunk = (type, data) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, data, Buffer.alloc(4)]);
};
const png = (...chunks) => {
  const bytes = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...chunks]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
};

test("a set-up is found among a PNG's other chunks", () => {
  const file = png(
    chunk("IHDR", Buffer.alloc(13)),
    chunk("tEXt", Buffer.from("Author\0me")),
    chunk("tEXt", Buffer.from('scope\0{"scope":1}')),
  );
  assert.equal(textOfPng(file), '{"scope":1}');
});

test("a PNG without a set-up, a broken one and another file have none", () => {
  assert.equal(textOfPng(png(chunk("IDAT", Buffer.alloc(5)))), null);
  assert.equal(textOfPng(png(Buffer.from([0, 0, 1, 0, 116, 69]))), null);
  assert.equal(textOfPng(new TextEncoder().encode("{}").buffer), null);
});
