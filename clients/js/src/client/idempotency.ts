/** Names for what is intended, so that a repeated request does nothing twice. */

/** A new name. `crypto.randomUUID` would be missing in pages that came over plain HTTP. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
