/** What Uppy is told by the adapter, over a small API in memory. tests/browser has Uppy itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Reelgate } from "../dist/index.js";
import { reelgateS3 } from "../dist/uppy.js";

const MIB = 1024 * 1024;
const file = (more = {}) => ({ id: "uppy-holiday/mp4-1", name: "holiday & Grüße.mp4", size: 40 * MIB, ...more });

/** Uploads by their Idempotency-Key, as the API keeps them. */
function api() {
  const uploads = new Map();
  const calls = [];
  const answer = (status, body) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json" } });
  async function send(url, { method, headers, body }) {
    const { pathname } = new URL(url);
    const asked = body === undefined ? null : JSON.parse(body);
    calls.push({ method, pathname, asked, key: headers["Idempotency-Key"] });
    if (method === "GET") return answer(200, { upload_id: "id-1", parts: { received: [0] } });
    if (pathname.endsWith("/parts")) return answer(200, { parts: asked.parts.map(({ index }) => ({ index, request: { url: `https://bucket.example/${index}`, headers: { a: "b" } } })) });
    if (asked.size > 100 * MIB) return answer(403, { code: "storage_limit_exceeded", detail: "This video is too large for what is left.", status: 403 });
    const key = headers["Idempotency-Key"];
    const known = uploads.get(key) ?? { asked: body, id: `id-${uploads.size + 1}`, state: "open" };
    uploads.set(key, known);
    if (known.asked !== body) return answer(409, { code: "idempotency_mismatch", detail: "Another file.", status: 409 });
    if (known.state !== "open") return answer(409, { code: "upload_finished", detail: "Finished.", status: 409 });
    return answer(201, { upload_id: known.id, session_url: asked.start === "server" ? `https://bucket.example/session-${known.id}` : null });
  }
  return { uploads, calls, fetch: send };
}

function adapter(settings) {
  const server = api();
  const reelgate = new Reelgate({ endpoint: "https://api.example", token: () => "t0k3n", fetch: server.fetch });
  return { server, options: reelgateS3(reelgate, settings) };
}

test("a large file is created once by the API, and found by Uppy's own request", async () => {
  const { server, options } = adapter();
  const key = options.generateObjectKey(file({ id: "a" }));
  const signed = await options.signRequest({ method: "POST", key });
  assert.deepEqual(server.calls[0].asked, { filename: "holiday & Grüße.mp4", size: 40 * MIB, start: "parts", part_size: 16 * MIB });
  const url = new URL(signed.url);
  assert.equal(url.origin + url.pathname, "https://api.example/v1/s3/uploads");
  assert.deepEqual(Object.fromEntries(url.searchParams), { filename: "holiday & Grüße.mp4", size: String(40 * MIB), part_size: String(16 * MIB) });
  assert.deepEqual(signed.headers, { Authorization: "Bearer t0k3n", "Idempotency-Key": server.calls[0].key });
});

test("what was begun and not finished is found again; what has ended is another upload", async () => {
  const { server, options } = adapter();
  const key = options.generateObjectKey(file({ id: "b" }));
  const keys = [];
  for (const state of ["open", "open", "cancelled"]) {
    keys.push((await options.signRequest({ method: "POST", key })).headers["Idempotency-Key"]);
    server.uploads.get(keys.at(-1)).state = state;
  }
  keys.push((await options.signRequest({ method: "POST", key })).headers["Idempotency-Key"]);
  assert.equal(new Set(keys.slice(0, 3)).size, 1);
  assert.notEqual(keys[3], keys[0]);
  await options.signRequest({ method: "DELETE", key, uploadId: "id-2" });
  assert.notEqual((await options.signRequest({ method: "POST", key })).headers["Idempotency-Key"], keys[3]);
});

test("of what was begun before, Uppy is told to list the parts before it sends one again", async () => {
  const { options } = adapter();
  const key = options.generateObjectKey(file({ id: "i" }));
  const part = (partNumber) => options.signRequest({ method: "PUT", key, uploadId: "id-1", partNumber });
  await options.signRequest({ method: "POST", key });
  assert.equal((await part(1)).url, "https://bucket.example/0");
  await options.signRequest({ method: "POST", key });
  await assert.rejects(part(1), { status: 412 });
  assert.equal((await part(2)).url, "https://bucket.example/1");
});

test("parts go to the bucket, everything else about an upload to the API", async () => {
  const { server, options } = adapter();
  const part = await options.signRequest({ method: "PUT", key: "k", uploadId: "id-1", partNumber: 3 });
  assert.deepEqual(part, { url: "https://bucket.example/2", headers: { a: "b" } });
  assert.equal(server.calls[0].pathname, "/v1/uploads/id-1/parts");
  for (const method of ["GET", "POST", "DELETE"]) {
    const signed = await options.signRequest({ method, key: "k", uploadId: "id-1" });
    assert.deepEqual(signed, { url: "https://api.example/v1/s3/uploads/id-1", headers: { Authorization: "Bearer t0k3n" } });
  }
});

test("a small file is one request to a session, and its key is the video's id", async () => {
  const { options } = adapter();
  assert.deepEqual([16 * MIB, 16 * MIB + 1, null].map((size) => options.shouldUseMultipart(file({ size }))), [false, true, false]);
  const key = options.generateObjectKey(file({ id: "c", size: 5 }));
  assert.deepEqual(await options.signRequest({ method: "PUT", key }), { url: "https://bucket.example/session-id-1", key: "id-1" });
});

test("two files of one name are two files", async () => {
  const { server, options } = adapter();
  const keys = [file({ id: "d", size: 20 * MIB }), file({ id: "e", size: 30 * MIB })].map(options.generateObjectKey);
  for (const key of keys) await options.signRequest({ method: "POST", key });
  assert.deepEqual(server.calls.map(({ asked }) => asked.size), [20 * MIB, 30 * MIB]);
});

test("a refusal is a sentence for people", async () => {
  const { options } = adapter();
  const key = options.generateObjectKey(file({ id: "f", size: 200 * MIB }));
  await assert.rejects(options.signRequest({ method: "POST", key }), { code: "storage_limit_exceeded", message: "This video is too large for what is left." });
});

test("parts have a size of one's own, but none that Uppy does not send", () => {
  assert.equal(adapter({ partSize: 6 * MIB }).options.getChunkSize({ size: 10 * MIB }), 6 * MIB);
  assert.equal(adapter({ partSize: 1 }).options.getChunkSize({ size: 10 * MIB }), 5 * MIB);
});

test("parts of very large files are larger, in whole MiB", () => {
  const { options } = adapter();
  assert.equal(options.getChunkSize({ size: 10 ** 9 }), 16 * MIB);
  for (const size of [200 * 1024 ** 3, 5 * 1024 ** 4 - 1]) {
    const part = options.getChunkSize({ size });
    assert.equal(part % MIB, 0);
    assert.ok(size / part <= 10_000 && part > 16 * MIB);
  }
});

/** Uppy's events, and what it is asked to send again. */
function uppyLike() {
  const listeners = {};
  const retried = [];
  const uppy = { on: (event, listener) => (listeners[event] = listener), retryUpload: async (id) => retried.push(id) };
  return { uppy, retried, tell: (event, ...told) => listeners[event](...told) };
}

test("a part that is there already does not stop an upload, but not for ever", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { uppy, retried, tell } = uppyLike();
  adapter({ uppy });
  const there = Object.assign(new Error("S3 returned 412"), { status: 412 });
  tell("upload-error", { id: "g" }, there);
  tell("upload-error", { id: "h" }, Object.assign(new Error("S3 returned 403"), { status: 403 }));
  tell("upload-error", undefined, new Error("no file"));
  t.mock.timers.runAll();
  assert.deepEqual(retried, ["g"]);
  for (let time = 0; time < 50; time += 1) tell("upload-error", { id: "g" }, there);
  t.mock.timers.runAll();
  assert.equal(retried.length, 10);
  tell("upload-success", { id: "g" });
  tell("upload-error", { id: "g" }, there);
  t.mock.timers.runAll();
  assert.equal(retried.length, 11);
});

test("of a small file nothing is kept once it has arrived, and never its name", async (t) => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  t.after(() => delete globalThis.localStorage);
  const { uppy, tell } = uppyLike();
  const { options } = adapter({ uppy });
  for (const id of ["uppy-secret/project-1e-video/mp4-5-1", "uppy-secret/project-1e-video/mp4-5-2"]) {
    await options.signRequest({ method: "PUT", key: options.generateObjectKey(file({ id, size: 5 })) });
  }
  assert.equal(kept.size, 2);
  for (const key of kept.keys()) assert.match(key, /^reelgate:uppy:[0-9a-f]{16}$/);
  tell("upload-success", { id: "uppy-secret/project-1e-video/mp4-5-1" });
  tell("upload-success", undefined);
  assert.equal(kept.size, 1);
});
