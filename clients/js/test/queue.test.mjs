import assert from "node:assert/strict";
import { test } from "node:test";
import { UploadQueue } from "../dist/index.js";
import { CHUNK, client, file, withStore } from "./fixtures/store.mjs";

const here = withStore();
const files = (count, size = 100_000) => Array.from({ length: count }, (_, at) => file(`${at}.mp4`, size));
const states = (queue) => queue.items.map((upload) => upload.state);

test("two at a time, in their order; one failure does not stop the others", async () => {
  const queue = new UploadQueue(here.reelgate);
  let most = 0;
  queue.addEventListener("change", () => {
    most = Math.max(most, states(queue).filter((state) => state === "checking" || state === "sending").length);
  });
  here.store.fault("POST /v1/uploads", 403, { after: 2 });
  queue.add(files(6));
  await Promise.allSettled(queue.items.map((upload) => upload.done));
  assert.deepEqual(states(queue).sort(), ["failed", "ready", "ready", "ready", "ready", "ready"]);
  assert.equal(most, 2);
  queue.retry();
  await Promise.all(queue.items.map((upload) => upload.done));
});

test("the pre-flight marks what does not fit, in one request, before the first byte", async () => {
  here.store.storageAvailable = 250_000;
  const queue = new UploadQueue(here.reelgate);
  queue.pause();
  queue.add(files(4));
  const checked = await queue.check();
  assert.equal(checked.allowed, false);
  assert.deepEqual(here.store.requests, ["POST /v1/uploads/check", "GET /v1/uploads"], "the second only because some do not fit");
  assert.deepEqual(states(queue), ["waiting", "waiting", "failed", "failed"]);
  assert.equal(queue.items[2].error.message, "Too little is left.");
  queue.resume();
  await Promise.all(queue.items.slice(0, 2).map((upload) => upload.done));
  await assert.rejects(queue.items[2].done, { code: "storage_limit_exceeded" });
});

test("the pre-flight does not fail a file for the room that it has reserved itself", async () => {
  here.store.storageAvailable = 4 * CHUNK;
  const begun = here.reelgate.upload(file("begun.mp4", 3 * CHUNK), { chunkSize: CHUNK, remember: false });
  await new Promise((resolve) => begun.addEventListener("progress", () => begun.sentBytes > 0 && resolve()));
  begun.pause();
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const options of [{}, { resumeId: begun.id }]) {
    const queue = new UploadQueue(client(here.store));
    queue.pause();
    queue.add([file("begun.mp4", 3 * CHUNK)], options);
    queue.add([file("begun.mp4", 3 * CHUNK - 1), file("other.mp4", 3 * CHUNK)]);
    await queue.check();
    assert.deepEqual(states(queue), ["waiting", "failed", "failed"]);
    if (options.resumeId === undefined) continue;
    queue.resume();
    assert.equal((await queue.items[0].done).videoId, begun.id);
  }
});

test("room that another device takes in the middle fails those that no longer fit", async () => {
  const queue = new UploadQueue(here.reelgate, { concurrent: 1 });
  here.store.fault("POST /v1/uploads", () => void (here.store.storageAvailable = 100_000), { after: 1 });
  queue.add(files(3));
  await Promise.allSettled(queue.items.map((upload) => upload.done));
  assert.deepEqual(states(queue), ["ready", "ready", "failed"]);
});

test("pausing all, and going on", async () => {
  const queue = new UploadQueue(here.reelgate, { upload: { chunkSize: CHUNK } });
  queue.add(files(3, 2 * CHUNK));
  await new Promise((resolve) => queue.addEventListener("progress", resolve, { once: true }));
  queue.pause();
  assert.ok(states(queue).every((state) => state === "paused" || state === "waiting"));
  queue.resume();
  await Promise.all(queue.items.map((upload) => upload.done));
});

test("signing out holds the queue; signing in goes on", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  const queue = new UploadQueue(reelgate, { concurrent: 1, upload: { chunkSize: CHUNK } });
  queue.add(files(2, 2 * CHUNK));
  await new Promise((resolve) => queue.addEventListener("progress", resolve, { once: true }));
  await reelgate.auth.signOut();
  await assert.rejects(queue.items[0].done, { code: "signed_out" });
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  await Promise.all(queue.items.map((upload) => upload.done));
  assert.deepEqual(states(queue), ["ready", "ready"]);
});

test("files of one user are not sent for the next", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  const queue = new UploadQueue(reelgate, { upload: { chunkSize: CHUNK } });
  queue.add(files(4, 2 * CHUNK));
  await new Promise((resolve) => queue.addEventListener("progress", resolve, { once: true }));
  await reelgate.auth.signOut();
  await Promise.allSettled(queue.items.map((upload) => upload.done));
  await reelgate.auth.register("grace@example.org", "correct horse battery");
  assert.ok(queue.items.every((upload) => upload.error?.code === "signed_out"));
});

test("removing cancels what is not stored, and keeps what is", async () => {
  const queue = new UploadQueue(here.reelgate, { concurrent: 1 });
  const [first, second] = queue.add(files(2));
  await queue.remove(second);
  await first.done;
  await queue.remove(first);
  assert.deepEqual(queue.items, []);
  assert.deepEqual([...here.store.uploads.values()].map((upload) => upload.state), ["ready"]);
});
