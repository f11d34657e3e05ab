import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, CHUNK, client, file, reaches, withLocalStorage, withStore } from "./fixtures/store.mjs";

const here = withStore();
withLocalStorage();
const PART = 256 * 1024;

/** An upload of which something has arrived, as a page leaves it that was closed: without a word. */
async function abandoned(sent, options = {}) {
  const upload = here.reelgate.upload(sent, { chunkSize: CHUNK, ...options });
  await new Promise((resolve) => upload.addEventListener("progress", () => upload.sentBytes > 0 && resolve()));
  upload.pause();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return upload.id;
}

const resent = (id, size) => here.store.bucket.sentBytes.get(id) - size;

for (const [how, options, most] of [["a session", {}, CHUNK], ["parts", { parallel: 2, partSize: PART }, 2 * PART]]) {
  test(`after a reload, ${how} goes on`, async () => {
    const size = how === "parts" ? 12 * PART : 3 * CHUNK;
    const id = await abandoned(file("a.mp4", size), options);
    const upload = client(here.store).upload(file("a.mp4", size), options);
    assert.equal((await upload.done).videoId, id);
    assert.ok(resent(id, size) <= most);
    assert.deepEqual(here.store.uploads.get(id).object, await bytesOf(file("a.mp4", size)));
  });

  test(`on another device, ${how} goes on by its id`, async () => {
    const size = how === "parts" ? 12 * PART : 3 * CHUNK;
    const id = await abandoned(file("a.mp4", size), { ...options, remember: false });
    const upload = client(here.store).upload(file("a.mp4", size), { resumeId: id });
    assert.equal((await upload.done).videoId, id);
    assert.ok(resent(id, size) <= most);
  });

  test(`without its id, ${how} is found by its name`, async () => {
    const size = how === "parts" ? 12 * PART : 3 * CHUNK;
    const id = await abandoned(file("a.mp4", size), { ...options, remember: false });
    assert.equal((await client(here.store).upload(file("a.mp4", size), options).done).videoId, id);
  });
}

test("nothing but the id is kept, and that until the end", async () => {
  const id = await abandoned(file("a.mp4", 3 * CHUNK));
  assert.deepEqual([...localStorage.kept], [[`reelgate:upload::a.mp4:${3 * CHUNK}:1764000000000`, id]]);
  await client(here.store).upload(file("a.mp4", 3 * CHUNK)).done;
  assert.equal(localStorage.kept.size, 0);
});

test("the place in local storage is the user's own", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  const upload = reelgate.upload(file("a.mp4", 3 * CHUNK));
  await new Promise((resolve) => upload.addEventListener("progress", resolve, { once: true }));
  assert.ok([...localStorage.kept.keys()][0].startsWith("reelgate:upload:ada:a.mp4:"));
  await upload.done;
});

test("a file that became a video although nobody heard of it is not sent again", async () => {
  const first = here.reelgate.upload(file());
  await first.done;
  localStorage.setItem("reelgate:upload::holiday.mp4:1000000:1764000000000", first.id);
  const before = here.store.requests.length;
  assert.equal((await here.reelgate.upload(file()).done).videoId, first.id);
  assert.deepEqual(here.store.requests.slice(before), [`GET /v1/uploads/${first.id}`]);
});

test("an id that is no longer good for anything is forgotten", async () => {
  for (const [end, id] of [["cancelled", null], ["gone", "0".repeat(32)]]) {
    const old = id ?? (await abandoned(file("a.mp4", 3 * CHUNK)));
    if (end === "cancelled") await here.reelgate.uploads.cancel(old);
    else localStorage.setItem(`reelgate:upload::a.mp4:${3 * CHUNK}:1764000000000`, old);
    const { videoId } = await client(here.store).upload(file("a.mp4", 3 * CHUNK)).done;
    assert.notEqual(videoId, old);
    here.store.uploads.get(videoId).trashed = true;
  }
});

test("another size, or another name: file_changed", async () => {
  const id = await abandoned(file("a.mp4", 3 * CHUNK), { remember: false });
  for (const other of [file("a.mp4", 3 * CHUNK - 1), file("b.mp4", 3 * CHUNK)]) {
    await assert.rejects(client(here.store).upload(other, { resumeId: id }).done, { code: "file_changed" });
  }
  assert.equal(here.store.uploads.get(id).state, "open");
});

test("other bytes of the same size: file_changed, and nothing is joined", async () => {
  const id = await abandoned(file("a.mp4", 12 * PART), { parallel: 2, partSize: PART, remember: false });
  const upload = client(here.store).upload(file("a.mp4", 12 * PART, 2), { resumeId: id });
  await assert.rejects(upload.done, { code: "file_changed" });
  assert.equal(here.store.uploads.get(id).object, undefined);
});

test("what was begun with other bytes is forgotten, and can be discarded for this file", async () => {
  const id = await abandoned(file("a.mp4", 12 * PART), { parallel: 2, partSize: PART });
  assert.equal(localStorage.kept.size, 1);
  const changed = file("a.mp4", 12 * PART, 2);
  const upload = client(here.store).upload(changed, { parallel: 2, partSize: PART });
  await assert.rejects(upload.done, { code: "file_changed" });
  assert.equal(localStorage.kept.size, 0);
  assert.equal(here.store.uploads.get(id).state, "open", "its owner may still choose the right file");
  await Promise.all([upload.discard(), upload.discard()]);
  const { videoId } = await upload.done;
  assert.notEqual(videoId, id);
  assert.equal(here.store.uploads.get(id).state, "cancelled");
  assert.deepEqual(here.store.uploads.get(videoId).object, await bytesOf(changed));
});

test("discarding that the server has not heard of changes nothing", async () => {
  const id = await abandoned(file("a.mp4", 12 * PART), { parallel: 2, partSize: PART, remember: false });
  const upload = client(here.store).upload(file("a.mp4", 5), { resumeId: id });
  await assert.rejects(upload.done, { code: "file_changed" });
  here.store.fault("DELETE /v1/uploads", 403);
  await assert.rejects(upload.discard(), { status: 403 });
  assert.deepEqual([upload.state, upload.id], ["failed", id]);
  await upload.discard();
  assert.notEqual((await upload.done).videoId, id);
});

test("a name that belongs to a video, or to an upload of another size: name_taken", async () => {
  await here.reelgate.upload(file()).done;
  await assert.rejects(here.reelgate.upload(file("holiday.mp4", 5)).done, { code: "name_taken" });
});

test("somebody else's upload does not exist", async () => {
  await assert.rejects(here.reelgate.upload(file(), { resumeId: "0".repeat(32) }).done, { code: "upload_not_found" });
});

test("what was cancelled on another device begins anew when it is sent again", async () => {
  const upload = here.reelgate.upload(file("a.mp4", 3 * CHUNK), { chunkSize: CHUNK });
  upload.addEventListener("progress", () => upload.pause(), { once: true });
  await reaches(upload, "paused");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await here.reelgate.uploads.cancel(upload.id);
  upload.resume();
  await assert.rejects(upload.done, { code: "upload_cancelled" });
  upload.resume();
  await upload.done;
});
