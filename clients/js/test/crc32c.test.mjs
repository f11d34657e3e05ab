import assert from "node:assert/strict";
import { test } from "node:test";
import { combineCrc32c, crc32c, crc32cBase64 } from "../dist/index.js";

const text = (value) => new TextEncoder().encode(value);

test("the checksums of RFC 3720 (B.4) and of the API's documentation", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e);
  assert.equal(crc32c(text("123456789")), 0xe3069283);
  assert.equal(crc32c(text("")), 0);
  assert.equal(crc32cBase64(crc32c(text("123456789"))), "4waSgw==");
});

test("bytes at any place of a buffer", () => {
  const all = Uint8Array.from({ length: 1003 }, (_, at) => (at * 7919) & 255);
  for (const start of [0, 1, 2, 3, 4, 5, 8]) {
    const copied = new Uint8Array(all.subarray(start)); // at the beginning of its own buffer
    assert.equal(crc32c(all.subarray(start)), crc32c(copied));
  }
});

test("going on, and combining without the bytes", () => {
  const all = Uint8Array.from({ length: 5000 }, (_, at) => (at * 31) & 255);
  for (const cut of [0, 1, 7, 8, 4096, 4999, 5000]) {
    const [first, second] = [new Uint8Array(all.subarray(0, cut)), new Uint8Array(all.subarray(cut))];
    assert.equal(crc32c(second, crc32c(first)), crc32c(all));
    assert.equal(combineCrc32c(crc32c(first), crc32c(second), second.length), crc32c(all));
  }
});

test("combining lengths beyond 32 bits", () => {
  const [first, half] = [crc32c(text("a")), 2 ** 33];
  const twice = combineCrc32c(combineCrc32c(first, 5, half), 6, half);
  assert.equal(twice, combineCrc32c(first, combineCrc32c(5, 6, half), 2 * half));
});
