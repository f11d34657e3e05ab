import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "./fixtures/fake_store.mjs";
import { bytesOf, CHUNK, client, file, reaches, withStore } from "./fixtures/store.mjs";

const here = withStore();
const SESSION = "PUT /bucket/session";

const send = (sent, options = {}, reelgate = here.reelgate) => reelgate.upload(sent, { chunkSize: CHUNK, ...options });

/** Send it, and require that what is stored is what was sent. */
async function sends(sent, options = {}) {
  const upload = send(sent, options);
  const { videoId } = await upload.done;
  assert.equal(upload.state, "ready");
  assert.equal(videoId, upload.id);
  assert.deepEqual(here.store.uploads.get(videoId).object, await bytesOf(sent));
  return upload;
}

const resent = (upload) => here.store.bucket.sentBytes.get(upload.id) - upload.totalBytes;

test("a small file: its checksum is announced, and no byte is asked for first", async () => {
  const states = [];
  const upload = here.reelgate.upload(file(), { title: "At the sea" });
  upload.addEventListener("statechange", () => states.push(upload.state));
  await upload.done;
  assert.deepEqual(states, ["sending", "finishing", "ready"]);
  const { crc32c, title } = here.store.uploads.get(upload.id);
  assert.match(crc32c, /==$/);
  assert.equal(title, "At the sea");
  assert.deepEqual(here.store.requests.map((line) => line.replace(/[0-9a-f-]{32,}/, "ID")), ["POST /v1/uploads", "PUT /bucket/session/ID", "POST /v1/uploads/ID/complete"]);
  assert.equal(upload.sentBytes, upload.totalBytes);
});

test("chunks of 8 MiB, with progress", async () => {
  const seen = [];
  const upload = here.reelgate.upload(file("a.mp4", 17_000_000));
  upload.addEventListener("progress", () => seen.push(upload.sentBytes));
  await upload.done;
  assert.equal(here.store.count(SESSION), 3);
  assert.equal(seen.at(-1), upload.totalBytes);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
});

for (const what of [408, 429, 500, 502, 503, 504, "drop"]) {
  test(`the bucket's ${what} in the middle: it asks, and sends nothing twice`, async () => {
    here.store.fault(SESSION, what, { after: 1 });
    const upload = await sends(file("a.mp4", 2 * CHUNK + 99));
    assert.equal(here.store.count(`${SESSION}`), 5); // 3 chunks, 1 failure, 1 question
    assert.equal(here.store.requests.filter((line) => line.endsWith(" ask")).length, 1);
    assert.equal(resent(upload), 0);
  });
}

test("a chunk whose answer is lost is not sent again", async () => {
  here.store.fault(SESSION, "lose", { after: 1 });
  assert.equal(resent(await sends(file("a.mp4", 2 * CHUNK + 99))), 0);
});

test("the last answer lost: the question says that the file is complete", async () => {
  here.store.fault(SESSION, "lose");
  assert.equal(resent(await sends(file())), 0);
});

test("a connection that breaks in a chunk: what was kept is not sent again", async () => {
  here.store.fault(SESSION, "half", { after: 1 });
  const upload = await sends(file("a.mp4", 8 * CHUNK), { chunkSize: 4 * CHUNK });
  assert.equal(resent(upload), 0);
});

test("a bucket that keeps nothing is given up, not asked for ever", async () => {
  here.store.fault(SESSION, () => ({ status: 308, headers: {}, body: "" }), { times: 999 });
  const upload = send(file());
  await assert.rejects(upload.done, { code: "storage_unavailable" });
  assert.ok(here.store.count(SESSION) < 40);
  here.store.faults.length = 0;
  upload.resume();
  await upload.done;
});

test("a session that has ended: a new one, from its beginning", async () => {
  for (const status of [404, 410]) {
    here.store.fault(SESSION, ({ request }) => {
      here.store.bucket.endSession(request.url.split("/").at(-1), status);
      return null;
    }, { after: 1 });
    await sends(file(`${status}.mp4`, 2 * CHUNK + 99));
    assert.equal(here.store.count("POST /v1/uploads/") - here.store.count("POST /v1/uploads/check"), status === 404 ? 2 : 4); // resume, complete
  }
});

test("the answer to the start is lost: the same upload goes on", async () => {
  here.store.fault("POST /v1/uploads", "lose");
  await sends(file());
  assert.equal(here.store.uploads.size, 1);
});

test("bytes that are damaged on the way are noticed by the bucket, and sent once more", async () => {
  const damage = ({ body }) => void (body[1000] ^= 1);
  here.store.fault(SESSION, (call) => void damage(call), { times: 1 });
  await sends(file());
  here.store.fault(SESSION, (call) => void (call.body.length && damage(call)), { times: 99 });
  const upload = send(file("b.mp4"));
  await assert.rejects(upload.done, { code: "checksum_mismatch" });
  assert.match(upload.error.message, /damaged/);
});

test("without announcing it (a large file by a session): the store compares at the end, and the damaged copy goes to the trash", async () => {
  here.store.fault(SESSION, ({ body }) => void (body[1000] ^= 1));
  const upload = send(file("large.mp4", 33 * 1024 * 1024), { parallel: 1, chunkSize: 32 * CHUNK });
  await assert.rejects(upload.done, { code: "checksum_mismatch" });
  assert.ok([...here.store.uploads.values()][0].trashed);
  upload.resume(); // another upload, under the same name
  const { videoId } = await upload.done;
  assert.deepEqual(here.store.uploads.get(videoId).object, await bytesOf(upload.file));
});

test("a report of the bucket that is late", async () => {
  here.store.lateLooks = 4;
  await sends(file());
});

test("an upload that the store rejects says so", async () => {
  here.store.fault("POST /v1/uploads/", ({ line }) => {
    here.store.uploads.get(line.split("/")[3]).refused = "it is a text";
    return null;
  });
  const upload = send(file());
  await assert.rejects(upload.done, { code: "upload_rejected", hint: "it is a text" });
});

test("cancelled on another device in the middle", async () => {
  here.store.fault(SESSION, async ({ request }) => {
    const [id] = here.store.uploads.keys();
    await here.reelgate.uploads.cancel(id);
    return null;
  }, { after: 1 });
  const upload = send(file("a.mp4", 2 * CHUNK + 99));
  await assert.rejects(upload.done, { code: "upload_cancelled" });
});

test("no room: the store's sentence, and no byte", async () => {
  here.store.storageAvailable = 10;
  const upload = send(file());
  await assert.rejects(upload.done, { code: "storage_limit_exceeded", message: "Detail of storage_limit_exceeded." });
  here.store.storageAvailable = 10 ** 9;
  upload.resume(); // after making room
  await upload.done;
});

test("pausing stops the bytes, resuming sends the rest", async () => {
  const upload = send(file("a.mp4", 3 * CHUNK));
  upload.addEventListener("progress", () => upload.sentBytes === CHUNK && upload.pause(), { once: true });
  await reaches(upload, "paused");
  const before = here.store.count(SESSION);
  upload.pause();
  upload.resume();
  upload.pause();
  upload.resume(); // before the first has ended
  await upload.done;
  assert.ok(resent(upload) <= CHUNK, "more than the chunk that was on its way");
  assert.ok(before <= 2);
});

test("cancelling frees name and bytes, also when the answer to the start has not come yet", async () => {
  const upload = send(file());
  here.store.fault("POST /v1/uploads", () => new Promise((resolve) => setTimeout(resolve, 30, null)));
  setTimeout(() => void upload.cancel(), 10);
  await assert.rejects(upload.done, { code: "upload_cancelled" });
  assert.equal(upload.state, "cancelled");
  await new Promise((resolve) => here.store.server.on("request", (request, response) => response.on("finish", () => request.method === "DELETE" && resolve())));
  assert.deepEqual([...here.store.uploads.values()].map((one) => one.state), ["cancelled"]);
});

test("signing out in the middle stops the bytes; after signing in it goes on", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  const upload = send(file("a.mp4", 3 * CHUNK), {}, reelgate);
  upload.addEventListener("progress", () => void reelgate.auth.signOut(), { once: true });
  await assert.rejects(upload.done, { code: "signed_out" });
  const sent = here.store.count(SESSION);
  assert.ok(sent <= 2);
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  upload.resume();
  await upload.done;
});

test("another user who signs in does not get the file", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  here.store.storageAvailable = 10; // it fails before the store knows of it
  const upload = send(file(), {}, reelgate);
  await assert.rejects(upload.done, { code: "storage_limit_exceeded" });
  here.store.storageAvailable = 10 ** 9;
  await reelgate.auth.signOut();
  await reelgate.auth.register("grace@example.org", "correct horse battery");
  upload.resume();
  await assert.rejects(upload.done, { code: "other_user" });
  assert.equal(here.store.uploads.size, 0);
});

test("cancelling what has just become a video moves it to the trash", async () => {
  const upload = send(file());
  here.store.fault("POST /v1/uploads/", async () => new Promise((resolve) => setTimeout(resolve, 50, null)));
  await reaches(upload, "finishing");
  here.store.fault("DELETE /v1/uploads/", ({ line }) => void (here.store.uploads.get(line.split("/")[3]).state = "ready"));
  await upload.cancel();
  assert.equal(upload.state, "cancelled");
  assert.ok([...here.store.uploads.values()][0].trashed);
});

test("a recording has no name: its type says what it is", async () => {
  const upload = here.reelgate.upload(new Blob(["a film"], { type: "video/webm;codecs=vp9" }));
  await upload.done;
  const { filename, content_type } = here.store.uploads.get(upload.id);
  assert.deepEqual([filename, content_type], ["video", "video/webm;codecs=vp9"]);
});

test("an expired token in the middle is refreshed", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  here.store.fault(SESSION, () => void here.store.tokens.clear());
  await send(file(), {}, reelgate).done;
  assert.equal(here.store.count("POST /v1/auth/refresh"), 1);
});

test("a signal ends it; what has arrived stays", async () => {
  const stop = new AbortController();
  const upload = send(file("a.mp4", 3 * CHUNK), { signal: stop.signal });
  upload.addEventListener("progress", () => stop.abort(), { once: true });
  await assert.rejects(upload.done, { code: "aborted" });
  assert.equal(upload.state, "failed");
  assert.equal([...here.store.uploads.values()][0].state, "open");
});

test("an empty file is refused without asking", async () => {
  await assert.rejects(send(new File([], "a.mp4")).done, { code: "file_empty" });
  assert.equal(here.store.requests.length, 0);
});

test("a file that cannot be read any more is not taken for a lost network", async () => {
  const broken = file("a.mp4", 2 * CHUNK + 99);
  const slice = broken.slice.bind(broken);
  broken.slice = (...range) => (here.store.count(SESSION) > 0 ? unreadable() : slice(...range));
  const upload = send(broken, { checksum: false });
  await assert.rejects(upload.done, { code: "file_unreadable" });
});

function unreadable() {
  const blob = new Blob(["x".repeat(CHUNK)]);
  blob.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  blob.stream = () => new ReadableStream({ start: (controller) => controller.error(new DOMException("gone", "NotReadableError")) });
  return blob;
}

test("the API away in the middle does not end it", async () => {
  here.store.fault("POST /v1/uploads/", () => problem(503, "unavailable"), { times: 9 });
  await sends(file());
});
