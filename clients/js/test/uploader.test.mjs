/** What `<reelgate-uploader>` decides without a browser: which files, when, and in which words. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = join(dirname(fileURLToPath(import.meta.url)), "../src/uploader");

/** Return what modules of the uploader export; they are no part of the package's API. */
async function load(...paths) {
  const contents = paths.map((path) => `export * from "./${path}";`).join("\n");
  const made = await build({ stdin: { contents, resolveDir: source }, bundle: true, format: "esm", platform: "neutral", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString("base64")}`);
}

const { isAccepted, nextName, droppedFiles, inBytes, inBytesPerSecond, inTime, inPercent, TransferList, addWords, wordsFor, english, german, ReelgateError, whyNot, TokenClient, TwoStepButton } =
  await load(
    "files/accepted.ts", "files/dropped.ts", "words/sizes.ts", "words/words.ts", "words/en.ts", "words/de.ts", "transfers/list.ts", "view/sentences.ts",
    "../client/errors.ts", "transfers/account.ts", "view/dom.ts",
  );

const file = (name, size = 10, type = "video/mp4") => new File([new Uint8Array(size)], name, { type, lastModified: 1 });

test("sizes, speeds and times are words of the language", () => {
  assert.equal(inBytes(0, "en"), "0 bytes");
  assert.equal(inBytes(999, "en"), "999 bytes");
  assert.equal(inBytes(1_500_000, "de"), "1,5 MB");
  assert.equal(inBytes(999_999, "en"), "1 MB");
  assert.equal(inBytes(52_428_800, "en"), "52 MB");
  assert.equal(inBytes(-5, "en"), "0 bytes");
  assert.equal(inBytesPerSecond(3_140_000, "en"), "3.1 MB/s");
  assert.equal(inTime(0.2, "en"), "1 second");
  assert.equal(inTime(89, "en"), "89 seconds");
  assert.equal(inTime(91, "en"), "2 minutes");
  assert.equal(inTime(7200, "de"), "2 Stunden");
  assert.equal(inPercent(999, 1000, "en"), "99%");
  assert.equal(inPercent(0, 0, "en"), "0%");
});

test("what is accepted: types, endings, and files of unknown type", () => {
  assert.ok(isAccepted(file("a.mp4"), "video/*, audio/*"));
  assert.ok(isAccepted(file("a.mkv", 1, ""), "video/*, audio/*"), "the browser knows no type: the server decides");
  assert.ok(!isAccepted(file("a.txt", 1, "text/plain"), "video/*, audio/*"));
  assert.ok(!isAccepted(file("a.mkv", 1, ""), ".mp4"));
  assert.ok(isAccepted(file("A.MP4", 1, ""), ".mp4"));
  assert.ok(isAccepted(file("a.webm", 1, "video/webm;codecs=vp9"), "video/webm"));
  assert.ok(isAccepted(file("a.txt", 1, "text/plain"), ""));
});

test("another name for one that is taken", () => {
  assert.equal(nextName("holiday.mp4"), "holiday (2).mp4");
  assert.equal(nextName("holiday (2).mp4"), "holiday (3).mp4");
  assert.equal(nextName("holiday"), "holiday (2)");
  assert.equal(nextName(".mp4"), ".mp4 (2)");
});

const entry = (found) => ({ name: found.name, isFile: true, file: (done) => done(found) });
function folder(name, entries) {
  const pages = [];
  for (let at = 0; at < entries.length; at += 2) pages.push(entries.slice(at, at + 2)); // browsers return some at a time
  return { name, isFile: false, createReader: () => ({ readEntries: (done) => done(pages.shift() ?? []) }) };
}
const drop = (...entries) => ({ items: entries.map((one) => ({ kind: "file", webkitGetAsEntry: () => one, getAsFile: () => null })) });
const names = (files) => files.map((one) => one.name);

test("dropped folders are walked, in the order of names", async () => {
  const broken = { name: "broken", isFile: false, createReader: () => ({ readEntries: (_, failed) => failed(new Error("not allowed")) }) };
  const inside = folder("day 2", ["d.mp4", "c.mp4", ".DS_Store"].map((name) => entry(file(name))));
  const dropped = drop(folder("trip", [inside, entry(file("b.mp4")), broken, entry(file("a.mp4"))]), entry(file(".hidden.mp4")));
  assert.deepEqual(names(await droppedFiles(dropped, 100)), ["a.mp4", "b.mp4", "c.mp4", "d.mp4", ".hidden.mp4"]);
  assert.equal((await droppedFiles(drop(folder("big", Array.from({ length: 50 }, (_, at) => entry(file(`${at}.mp4`))))), 7)).length, 7);
});

/** A transfer that goes where the test says. */
class FakeTransfer extends EventTarget {
  state = "sending";
  sentBytes = 0;
  error = null;
  constructor(shipment, id) {
    super();
    Object.assign(this, { shipment, id, totalBytes: shipment.file.size, bytesPerSecond: 0, secondsLeft: null });
  }
  become(state, code) {
    this.state = state;
    this.error = code ? new ReelgateError(code) : null;
    this.dispatchEvent(new Event("statechange"));
  }
  pause = () => this.become("paused");
  resume = () => this.become("sending");
  cancel = async () => this.become("cancelled");
  discard = async () => {
    this.id = "another";
    this.become("sending");
  };
}

/** An account with room for some bytes. */
class FakeAccount {
  several = true;
  sent = [];
  open = [];
  room = 1000;
  send(shipment) {
    const transfer = new FakeTransfer(shipment, shipment.resumeId ?? `upload-${this.sent.length}`);
    this.sent.push(transfer);
    return transfer;
  }
  async check(sizes) {
    let { room } = this;
    return { left: this.room, refusals: sizes.map((size) => (size <= room ? ((room -= size), null) : new ReelgateError("storage_limit_exceeded"))) };
  }
  unfinished = async () => this.open;
  discard = async (id) => void (this.open = this.open.filter((one) => one.id !== id));
}

function listOf(account, more = {}) {
  const told = [];
  const wishes = { destination: account, accept: "video/*", maxFileSize: null, concurrent: 2, ...more };
  return { list: new TransferList(() => wishes, (kind, detail) => told.push({ kind, detail })), told };
}
const states = ({ items }) => items.map((item) => item.state);

test("two at a time, and one that fails does not stop the others", async () => {
  const account = new FakeAccount();
  const { list } = listOf(account);
  await list.add(["a.mp4", "b.mp4", "c.mp4", "d.mp4"].map((name) => file(name)));
  assert.deepEqual(states(list), ["sending", "sending", "waiting", "waiting"]);
  account.sent[0].become("failed", "network");
  account.sent[1].become("paused"); // makes room, too
  assert.deepEqual(states(list), ["failed", "paused", "sending", "sending"]);
  for (const at of [2, 3]) account.sent[at].become("ready");
  await list.retry(list.items[0]);
  assert.deepEqual(states(list), ["sending", "paused", "ready", "ready"]);
  assert.equal(account.sent.length, 4, "the failed one goes on as it is");
});

test("what does not fit is refused before anything is sent", async () => {
  const account = new FakeAccount();
  account.room = 25;
  const { list, told } = listOf(account, { maxFileSize: 500 });
  await list.add([file("a.mp4"), file("b.mp4", 20), file("c.mp4"), file("d.txt", 1, "text/plain"), file("e.mp4", 0), file("f.mp4", 600)]);
  assert.deepEqual(states(list), ["sending", "failed", "sending", "failed", "failed", "failed"]);
  assert.deepEqual(told.find(({ kind }) => kind === "verdict").detail, { fits: 2, of: 3, left: 25 });
  const english_ = { words: english, locale: "en" };
  assert.equal(whyNot(list.items[3], english_), "This is not a video or audio file.");
  assert.equal(whyNot(list.items[4], english_), "This file is empty.");
  assert.equal(whyNot(list.items[5], english_), "This file has 600 bytes; at most 500 bytes are allowed.");
  assert.ok(list.items[1].canRetry);
  assert.ok(!list.items[3].canRetry);
  account.room = 1000; // something was deleted
  await list.retry(list.items[1]);
  account.sent[0].become("ready");
  assert.equal(list.items[1].state, "sending");
});

test("a check that cannot be asked does not stop anything", async () => {
  const account = new FakeAccount();
  account.check = () => Promise.reject(new ReelgateError("network"));
  const { list } = listOf(account);
  await list.add([file("a.mp4")]);
  assert.deepEqual(states(list), ["sending"]);
});

test("a file of an unfinished upload goes on with it, whatever the check would say", async () => {
  const account = new FakeAccount();
  account.open = [{ id: "u1", filename: "a.mp4", size: 10, received: 4 }, { id: "u2", filename: "a.mp4", size: 11, received: null }];
  account.room = 0;
  const { list } = listOf(account);
  await list.refresh();
  assert.equal(list.unfinished.length, 2);
  await list.add([file("a.mp4")]);
  await list.add([file("renamed.mp4", 11)], "u2");
  assert.deepEqual(account.sent.map(({ shipment }) => shipment.resumeId), ["u1", "u2"]);
  assert.deepEqual(list.unfinished, []);
});

test("a name that is taken: the file goes under another", async () => {
  const account = new FakeAccount();
  const { list } = listOf(account);
  await list.add([file("a.mp4")]);
  account.sent[0].become("failed", "name_taken");
  assert.ok(!list.items[0].canRetry && list.items[0].isNameTaken);
  await list.retry(list.items[0], "a (2).mp4");
  assert.deepEqual(account.sent.map(({ shipment }) => [shipment.filename, shipment.resumeId]), [["a.mp4", null], ["a (2).mp4", null]]);
});

test("an upload that is over is begun anew", async () => {
  const account = new FakeAccount();
  const { list } = listOf(account);
  await list.add([file("a.mp4")]);
  account.sent[0].become("failed", "upload_expired");
  await list.retry(list.items[0]);
  assert.equal(account.sent[1].shipment.resumeId, null);
});

test("what was begun with another file is discarded only when somebody says so", async () => {
  const account = new FakeAccount();
  account.open = [{ id: "u1", filename: "a.mp4", size: 10, received: 4 }];
  const { list } = listOf(account);
  await list.refresh();
  await list.add([file("a.mp4"), file("b.mp4")]);
  account.sent[0].become("failed", "file_changed");
  account.sent[1].become("failed", "checksum_mismatch");
  assert.deepEqual(list.items.map((item) => item.isAnotherFile), [true, false]);
  for (const item of list.items) await list.replace(item);
  assert.deepEqual(states(list), ["sending", "failed"]);
  assert.deepEqual([list.unfinished, list.items[0].isAnotherFile], [[], false]);
});

test("all stop for a while, and none begins meanwhile", async () => {
  const account = new FakeAccount();
  const { list } = listOf(account);
  await list.add([file("a.mp4"), file("b.mp4"), file("c.mp4")]);
  list.paused = true;
  assert.deepEqual(states(list), ["paused", "paused", "waiting"]);
  list.paused = false;
  assert.deepEqual(states(list), ["sending", "sending", "waiting"]);
});

test("a file that is removed is cancelled, and the next one begins", async () => {
  const account = new FakeAccount();
  const { list } = listOf(account, { concurrent: 1 });
  await list.add([file("a.mp4"), file("b.mp4")]);
  await list.remove(list.items[0]);
  assert.equal(account.sent[0].state, "cancelled");
  assert.deepEqual(states(list), ["sending"]);
});

test("without a place to send to, a sentence says so", async () => {
  const { list } = listOf(null);
  await list.add([file("a.mp4")]);
  assert.equal(whyNot(list.items[0], { words: german, locale: "de" }), german.noEndpoint);
});

test("languages: of the element, then around it; others can be added", () => {
  addWords("en", english);
  addWords("de", german);
  assert.equal(wordsFor(["de-AT"]).words, german);
  assert.equal(wordsFor([null, "xx", "de"]).locale, "de");
  assert.equal(wordsFor(["xx"]).words, english);
  assert.equal(wordsFor(["de_DE"]).locale, "de-DE");
  addWords("fr", { ...english, or: "ou" });
  assert.equal(wordsFor(["fr-CA"]).words.or, "ou");
  assert.deepEqual(Object.keys(german).sort(), Object.keys(english).sort());
});

test("a token that the page sets anew is used by what is under way", async (t) => {
  const sent = [];
  t.mock.method(globalThis, "fetch", async (_, { headers }) => {
    sent.push(headers.Authorization ?? new Headers(headers).get("Authorization"));
    return new Response(JSON.stringify({ items: [], next_cursor: null }), { headers: { "Content-Type": "application/json" } });
  });
  let token = "first";
  const clients = new TokenClient(() => token);
  const client = clients.at("https://api.example");
  await client.uploads.list();
  token = "second";
  assert.equal(clients.at("https://api.example"), client, "the same client");
  await client.uploads.list();
  token = async () => "third";
  await client.uploads.list();
  assert.deepEqual(sent, ["Bearer first", "Bearer second", "Bearer third"]);
  token = null;
  await assert.rejects(client.uploads.list(), { code: "signed_out" });
  assert.notEqual(clients.at("https://other.example"), client);
});

/** As much of a button as the two steps need. */
class FakeButton extends EventTarget {
  attributes = new Map();
  getAttribute = (name) => this.attributes.get(name) ?? null;
  setAttribute = (name, value) => void this.attributes.set(name, value);
  toggleAttribute = (name, on) => void (on ? this.attributes.set(name, "") : this.attributes.delete(name));
  append = () => undefined;
  focus = () => undefined;
  happens = (type, more = {}) => this.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), more));
}

test("what cannot be undone takes two clicks, and not a double click", () => {
  globalThis.document = { createElement: () => new FakeButton() };
  const done = [];
  const told = [];
  const two = new TwoStepButton("discard", () => done.push(1), (asks) => told.push(asks));
  delete globalThis.document;
  two.element.happens("click", { detail: 1 });
  two.element.happens("click", { detail: 2 });
  assert.deepEqual([done, two.asks], [[], true]);
  two.element.happens("keydown", { key: "Escape" });
  two.element.happens("click", { detail: 0 });
  two.element.happens("blur");
  assert.deepEqual([done, told], [[], [true, false, true, false]]);
  assert.equal(two.element.happens("keydown", { key: "Enter", repeat: true }), false, "a key that is held is one click");
  two.element.happens("click", { detail: 0 });
  two.element.happens("click", { detail: 0 });
  assert.deepEqual([done.length, two.asks], [1, false]);
});
