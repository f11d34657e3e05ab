/** CRC32C (Castagnoli; RFC 3720, appendix B.4), eight bytes at a time, and combining checksums without their bytes. */

const POLYNOMIAL = 0x82f63b78;
let tables: Int32Array[] | null = null;

function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  const all = [first];
  for (let distance = 1; distance < 8; distance += 1) {
    all.push(all[distance - 1]!.map((crc) => (crc >>> 8) ^ first[crc & 255]!));
  }
  return all;
}

/** The checksum of some bytes; with `crc`, of those that it is of and these after them. Fastest for whole ArrayBuffers. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = (tables ??= makeTables()) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
  let c = ~crc;
  let at = 0;
  if (bytes.byteOffset % 4 === 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, (bytes.length >>> 3) << 1); // little-endian, as every platform with a browser
    for (let word = 0; word < words.length; word += 2) {
      const low = c ^ words[word]!;
      const high = words[word + 1]!;
      c =
        t7[low & 255]! ^ t6[(low >>> 8) & 255]! ^ t5[(low >>> 16) & 255]! ^ t4[low >>> 24]! ^
        t3[high & 255]! ^ t2[(high >>> 8) & 255]! ^ t1[(high >>> 16) & 255]! ^ t0[high >>> 24]!;
    }
    at = words.length * 4;
  }
  for (; at < bytes.length; at += 1) c = (c >>> 8) ^ t0[(c ^ bytes[at]!) & 255]!;
  return ~c >>> 0;
}

/** Product of two polynomials modulo the CRC's, in its reflected form (as zlib's crc32_combine). */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let mask = 0x80000000; mask !== 0; mask >>>= 1) {
    if (a & mask) product ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product >>> 0;
}

/** The checksum of two runs of bytes, one after the other, from the checksum of each and the length of the second. */
export function combineCrc32c(first: number, second: number, secondLength: number): number {
  let power = 0x00800000; // x^8: one byte further
  let shifted = first;
  for (let left = secondLength; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shifted = multiply(power, shifted);
    power = multiply(power, power);
  }
  return (shifted ^ second) >>> 0;
}

/** A checksum as the API and the bucket write it: base64 of its four bytes, big-endian. */
export function crc32cBase64(crc: number): string {
  return btoa(String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255));
}

/** The checksum of a blob, read in slices; null once `stopped` says so. Throws what reading throws. */
export async function crc32cOfBlob(blob: Blob, sliceBytes: number, stopped: () => boolean): Promise<number | null> {
  let crc = 0;
  for (let at = 0; at < blob.size; at += sliceBytes) {
    const bytes = new Uint8Array(await blob.slice(at, at + sliceBytes).arrayBuffer());
    if (stopped()) return null;
    crc = crc32c(bytes, crc);
  }
  return crc;
}
