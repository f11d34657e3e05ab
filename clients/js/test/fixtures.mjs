/** What the tests share: a store of their own, a client without long pauses, and files. */
import { after, before, beforeEach } from "node:test";
import { Reelgate } from "../dist/index.js";
import { FakeStore } from "./fake_store.mjs";

/** `here.store` and `here.reelgate` are new for each test. */
export function withStore() {
  const here = {};
  const started = [];
  beforeEach(async () => {
    here.store = await FakeStore.start();
    started.push(here.store);
    here.reelgate = client(here.store);
  });
  after(() => Promise.all(started.map((store) => store.stop())));
  return here;
}

export function client(store, options = { token: "given-token" }) {
  return new Reelgate({ endpoint: store.url, firstPauseSeconds: 0.002, ...options });
}

/** A file whose bytes differ from part to part: 65,521, the length of what is repeated, divides no part. */
export function file(name = "holiday.mp4", size = 1_000_000, seed = 1) {
  const bytes = new Uint8Array(size);
  const length = Math.min(65_521, size);
  for (let at = 0, value = seed; at < length; at += 1) bytes[at] = (value = (value * 1103515245 + 12345) & 0x7fffffff) >> 16;
  for (let at = length; at < size; at *= 2) bytes.copyWithin(at, 0, Math.min(at, size - at));
  return new File([bytes], name, { type: "video/mp4", lastModified: 1_764_000_000_000 });
}

/** The smallest chunk that a session takes: tests with many chunks need no large files. */
export const CHUNK = 256 * 1024;

/** The bytes of a file, to compare with what is stored. */
export async function bytesOf(blob) {
  return Buffer.from(await blob.arrayBuffer());
}

/** Local storage, which Node does not have. */
export function withLocalStorage() {
  before(() => {
    const kept = new Map();
    globalThis.localStorage = {
      kept,
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  });
  beforeEach(() => globalThis.localStorage.kept.clear());
  after(() => delete globalThis.localStorage);
}

/** Resolves when an upload comes into a state. */
export function reaches(upload, ...states) {
  if (states.includes(upload.state)) return Promise.resolve();
  return new Promise((resolve) => {
    upload.addEventListener("statechange", function look() {
      if (!states.includes(upload.state)) return;
      upload.removeEventListener("statechange", look);
      resolve();
    });
  });
}
