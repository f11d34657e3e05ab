import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, pages, ReelgateError } from "../dist/index.js";
import { problem } from "./fixtures/fake_store.mjs";
import { client, withStore } from "./fixtures/store.mjs";

const here = withStore();
const list = () => here.reelgate.videos.list();

for (const [what, name] of [[503, "a server that is away"], [429, "too many requests"], [500, "an error"], [504, "no answer in time"], ["drop", "a lost connection"], ["lose", "a lost answer"]]) {
  test(`reading again after ${name}`, async () => {
    here.store.fault("GET /v1/videos", what, { times: 3 });
    assert.deepEqual((await list()).items, []);
    assert.equal(here.store.count("GET /v1/videos"), 4);
  });
}

test("Retry-After is waited for; one of an hour is told instead", async () => {
  here.store.fault("GET /v1/videos", 503, { headers: { "Retry-After": "1" } });
  const began = performance.now();
  await list();
  assert.ok(performance.now() - began > 990);
  here.store.fault("GET /v1/videos", 429, { headers: { "Retry-After": "3600" } });
  await assert.rejects(list(), { code: "too_many_requests", retryAfterSeconds: 3600 });
});

test("it gives up after five tries, and says what it was", async () => {
  here.store.fault("GET /v1/videos", () => problem(503, "unavailable"), { times: 99 });
  await assert.rejects(list(), (error) => error.code === "unavailable" && error.status === 503 && error.requestId === "request-0001" && error.message === "Detail of unavailable.");
  assert.equal(here.store.count("GET /v1/videos"), 5);
});

test("what may have been done is not done twice", async () => {
  here.store.fault("POST /v1/me/api-keys", "lose", { times: 9 });
  await assert.rejects(here.reelgate.me.apiKeys.create({ label: "backup", scopes: ["read"] }), { code: "network" });
  assert.equal(here.store.count("POST /v1/me/api-keys"), 1);
});

test("what was refused without effect is repeated, whatever it is", async () => {
  here.store.fault("POST /v1/me/api-keys", () => problem(503, "books_busy"), { times: 2 });
  await assert.rejects(here.reelgate.me.apiKeys.create({ label: "backup", scopes: ["read"] }), { code: "upload_not_found" });
  assert.equal(here.store.count("POST /v1/me/api-keys"), 3);
});

test("a limit that waiting does not mend is told at once", async () => {
  here.store.fault("POST /v1/uploads", () => problem(429, "too_many_open_uploads"), { times: 9 });
  const create = here.reelgate.request("POST", "/v1/uploads", { body: { filename: "a.mp4", size: 1 }, idempotencyKey: "one" });
  await assert.rejects(create, { code: "too_many_open_uploads" });
  assert.equal(here.store.count("POST /v1/uploads"), 1);
});

test("what the front door answers by itself has a code, too", async () => {
  here.store.fault("GET /v1/videos", () => ({ status: 404, headers: { "Content-Type": "text/html" }, body: "<h1>no</h1>" }));
  await assert.rejects(list(), { code: "not_found", status: 404 });
});

test("a server that is not there", async () => {
  await here.store.stop();
  await assert.rejects(list(), (error) => error.code === "network" && error.status === null && /connection/.test(error.message));
});

test("a signal ends the waiting as well", async () => {
  here.store.fault("GET /v1/videos", 503, { times: 9, headers: { "Retry-After": "60" } });
  const stop = new AbortController();
  const request = here.reelgate.videos.list({}, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(request, { code: "aborted" });
});

test("paths cannot be left by an id", async () => {
  for (const id of ["", ".", ".."]) await assert.rejects(async () => here.reelgate.videos.get(id), { code: "not_found" });
  await assert.rejects(here.reelgate.videos.get("../me?x=#y"), { code: "upload_not_found" });
  assert.deepEqual(here.store.requests, ["GET /v1/videos/..%2Fme%3Fx%3D%23y"]);
});

test("pages follow the cursor", async () => {
  const parts = { undefined: { items: [1, 2], next_cursor: "b" }, b: { items: [], next_cursor: "c" }, c: { items: [3], next_cursor: null } };
  const seen = [];
  for await (const item of pages(async (cursor) => parts[cursor])) seen.push(item);
  assert.deepEqual(seen, [1, 2, 3]);
});

test("describe never throws, and says a sentence", () => {
  for (const thrown of [undefined, null, "text", new Error("secret path /etc"), { code: 7 }, new ReelgateError("a_code_of_tomorrow"), new ReelgateError("x", { status: 503 })]) {
    assert.match(describe(thrown), /^[A-Z].*\.$/);
    assert.doesNotMatch(describe(thrown), /secret/);
  }
  assert.equal(describe(new ReelgateError("storage_limit_exceeded", { detail: "12 MB are left." })), "12 MB are left.");
});

test("tokens do not show in errors", async () => {
  here.store.fault("GET /v1/videos", 403);
  const reelgate = client(here.store, { token: "given-token" });
  const error = await reelgate.videos.list().catch((failure) => failure);
  assert.doesNotMatch(JSON.stringify(error) + String(error.stack) + String(error.cause), /given-token/);
});
