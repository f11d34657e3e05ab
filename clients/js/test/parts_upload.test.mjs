import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "./fixtures/fake_store.mjs";
import { bytesOf, file, reaches, withStore } from "./fixtures/store.mjs";

const here = withStore();
const PART = 256 * 1024;
const PUT = "PUT /bucket/part";
const options = { parallel: 3, partSize: PART };

async function sends(sent = file("a.mp4", 10 * PART + 7), more = {}) {
  const upload = here.reelgate.upload(sent, { ...options, ...more });
  const { videoId } = await upload.done;
  assert.deepEqual(here.store.uploads.get(videoId).object, await bytesOf(sent));
  return upload;
}

const resent = (upload) => here.store.bucket.sentBytes.get(upload.id) - upload.totalBytes;

test("parts in parallel, their URLs in batches, every byte once", async () => {
  let [now, most] = [0, 0];
  here.store.server.on("request", (request, response) => {
    if (!request.url.startsWith("/bucket/")) return;
    most = Math.max(most, (now += 1));
    response.on("close", () => (now -= 1));
  });
  const upload = await sends();
  assert.equal(here.store.count(PUT), 11);
  assert.equal(here.store.requests.filter((line) => line.endsWith("/parts")).length, 4);
  assert.equal(resent(upload), 0);
  assert.ok(most > 1 && most <= 3, `${most} at once`);
  assert.equal(upload.sentBytes, upload.totalBytes);
});

test("a file over 32 MiB goes in parts by itself", async () => {
  await here.reelgate.upload(file("large.mp4", 33 * 1024 * 1024)).done;
  assert.equal(here.store.count(PUT), 3);
});

for (const what of [408, 429, 500, 503, "drop"]) {
  test(`the bucket's ${what}: the part is sent again`, async () => {
    here.store.fault(PUT, what, { times: 2, after: 2 });
    assert.equal(resent(await sends()), 0);
  });
}

test("a lost answer: the store knows that the part is there", async () => {
  here.store.fault(PUT, "lose", { times: 3, after: 1 });
  assert.equal(resent(await sends()), 0);
});

test("URLs that have expired are signed again", async () => {
  here.store.fault(PUT, () => void here.store.bucket.expireUrls(), { after: 3 });
  await sends();
});

test("a clock that went on while the tab slept: signed again without trying", async () => {
  const real = Date.now;
  let ahead = 0;
  Date.now = () => real() + ahead;
  here.store.fault(PUT, () => void ((ahead = 20 * 60_000), here.store.bucket.expireUrls()), { after: 2 });
  try {
    await sends();
  } finally {
    Date.now = real;
  }
});

test("a part that the bucket says it has, but the store does not find, is sent in another round", async () => {
  here.store.fault(PUT, 412, { times: 2 });
  await sends();
});

test("damage on the way is noticed by the bucket, per part", async () => {
  here.store.fault(PUT, ({ body }) => void (body[5] ^= 1), { after: 4 });
  const upload = await sends();
  assert.equal(resent(upload), PART);
});

test("the store misses parts at the end: only those are sent", async () => {
  here.store.fault("POST /v1/uploads/", ({ line }) => {
    if (line.endsWith("/complete")) for (const index of [2, 5]) [...here.store.uploads.values()][0].parts.delete(index);
    return null;
  }, { times: 5 });
  const upload = await sends();
  assert.equal(resent(upload), 2 * PART);
});

test("pausing and resuming sends only what is missing", async () => {
  const upload = here.reelgate.upload(file("a.mp4", 12 * PART), options);
  upload.addEventListener("progress", function pause() {
    if (upload.sentBytes < 4 * PART) return;
    upload.removeEventListener("progress", pause);
    upload.pause();
  });
  here.store.fault(PUT, () => new Promise((resolve) => setTimeout(resolve, 120, null)), { times: 99 });
  await reaches(upload, "paused");
  here.store.faults.length = 0;
  upload.resume();
  await upload.done;
  assert.ok(resent(upload) <= 3 * PART, "more than what was on its way");
});

test("the first lasting refusal ends all parts at once", async () => {
  here.store.fault(PUT, () => ({ status: 405, headers: {}, body: "" }), { after: 3 });
  const upload = here.reelgate.upload(file("a.mp4", 40 * PART), options);
  await assert.rejects(upload.done, { code: "storage_unavailable", status: 405 });
  assert.ok(here.store.count(PUT) < 10);
});

test("signing that is refused ends it with that error", async () => {
  here.store.fault("POST /v1/uploads/", () => problem(403, "account_disabled"), { times: 1, after: 1 });
  const upload = here.reelgate.upload(file("a.mp4", 12 * PART), options);
  await assert.rejects(upload.done, { code: "account_disabled" });
});

test("a damaged file is not joined", async () => {
  const upload = here.reelgate.upload(file("a.mp4", 3 * PART), { ...options });
  here.store.fault("POST /v1/uploads/", ({ line }) => {
    if (!line.endsWith("/complete")) return null;
    const [stored] = here.store.uploads.values();
    stored.parts.set(0, Buffer.alloc(PART));
    return null;
  }, { times: 9 });
  await assert.rejects(upload.done, { code: "checksum_mismatch" });
  assert.equal([...here.store.uploads.values()][0].state, "cancelled");
});
