import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { source } from "./source.mjs";

const { parsedSize, typedSize } = await source("pages/admin/users/size_input.ts");
const { limitChanges } = await source("pages/admin/users/limit_changes.ts");
const { NO_FILTERS, addressOf, filtersOf, queryOf } = await source("pages/admin/audit/filters.ts");
const { actionWords } = await source("pages/admin/audit/actions.ts");
const { CSV_HEADER, csvLine } = await source("pages/admin/audit/audit_csv.ts");
const { Broken, auditLines } = await source("pages/admin/audit/audit_lines.ts");
const { knownCodes, refusal } = await source("pages/admin/explain/refusals.ts");
const { chapterOf, inOrder, usersOf, videosOf } = await source("pages/admin/explain/story.ts");

const docs = (name) => readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
const FORM = { size: (bytes) => `${bytes} B`, time: (at) => at };

test("sizes are read as people type them, and only then", () => {
  const read = { "50 GB": 50e9, "1,5tb": 1.5e12, "0": 0, "750000 bytes": 750_000, " 2 kB ": 2000, "0.001 kB": 1 };
  for (const [text, bytes] of Object.entries(read)) assert.equal(parsedSize(text), bytes, text);
  for (const text of ["", "GB", "-1 GB", "1e3", "5 GiB", "1 2 GB", "99999 PB", "five"]) assert.equal(parsedSize(text), null, text);
});

test("a size that is shown for editing is read back to the byte", () => {
  for (const bytes of [0, 1, 999, 1000, 1500, 52_428_800, 50e9, 1.234e12, 123_456_789_123, Number.MAX_SAFE_INTEGER]) {
    assert.equal(parsedSize(typedSize(bytes)), bytes, typedSize(bytes));
  }
  assert.equal(typedSize(50e9), "50 GB");
});

const LIMITS = { storage: 50e9, bandwidth: 10e9, alert_percents: [80, 100], own: ["storage"] };
const FILLED = { storage: { own: true, text: "50 GB" }, bandwidth: { own: false, text: "10 GB" }, alerts: { own: false, text: "80, 100" } };

test("only what has changed is sent, and null brings the default back", () => {
  assert.deepEqual(limitChanges(FILLED, LIMITS), { changes: {}, errors: {} });
  assert.deepEqual(limitChanges({ ...FILLED, storage: { own: false, text: "50 GB" } }, LIMITS).changes, { storage: null });
  assert.deepEqual(limitChanges({ ...FILLED, bandwidth: { own: true, text: "10 GB" } }, LIMITS).changes, { bandwidth: 10e9 });
  assert.deepEqual(limitChanges({ ...FILLED, alerts: { own: true, text: "90 50 %" } }, LIMITS).changes, { alert_percents: [50, 90] });
});

test("what cannot be read is said, and not sent", () => {
  const wrong = { storage: { own: true, text: "much" }, bandwidth: { own: true, text: "" }, alerts: { own: true, text: "0, 101" } };
  const { changes, errors } = limitChanges(wrong, LIMITS);
  assert.deepEqual(changes, {});
  assert.deepEqual(Object.keys(errors), ["storage", "bandwidth", "alerts"]);
});

test("filters survive the address", () => {
  const filters = { ...NO_FILTERS, who: "ada+1@example.org", action: "upload.*", from: "2026-11-01T00:00" };
  assert.deepEqual(filtersOf(new URLSearchParams(addressOf(filters))), filters);
  assert.equal(addressOf(NO_FILTERS), "");
});

test("a query has what the API takes", () => {
  assert.deepEqual(queryOf({ ...NO_FILTERS, who: "ada@example.org", outcome: "denied" }), { email: "ada@example.org", outcome: "denied" });
  assert.deepEqual(queryOf({ ...NO_FILTERS, who: "Yk2wP0", outcome: "else" }), { user_id: "Yk2wP0" });
  assert.match(queryOf({ ...NO_FILTERS, from: "2026-11-01T00:00" }).from, /^2026-1[01]-\d\dT\d\d:\d\d:00\.000Z$/);
  for (const wrong of [{ who: "a", video: "b" }, { request: "short" }, { action: "Upload" }, { from: "x" }, { from: "2026-11-02T00:00", to: "2026-11-01T00:00" }]) {
    assert.throws(() => queryOf({ ...NO_FILTERS, ...wrong }), /[.]$/, JSON.stringify(wrong));
  }
});

test("every action that docs/audit.md lists has words", async () => {
  const table = (await docs("audit.md")).split("## What is recorded")[1].split("## Fields")[0];
  const actions = [...table.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, action]) => action);
  assert.ok(actions.length > 30);
  for (const action of actions) assert.notEqual(actionWords(action), action);
});

test("every code that docs/api.md lists for people can be explained", async () => {
  const table = (await docs("api.md")).split("| code | status |")[1].split("**Errors of the front door.**")[0];
  const codes = [...table.matchAll(/^\| `([a-z_]+)` \| (\d+)/gm)].filter(([, , status]) => status === "403" || status === "429").map(([, code]) => code);
  assert.ok(codes.length >= 15);
  const known = knownCodes();
  for (const code of codes) assert.ok(known.includes(code), code);
});

test("a line of CSV is one line, and no formula", () => {
  const event = { event_id: "e", at: "t", user_id: null, action: "login", outcome: "denied", description: '=HYPERLINK("x")', function: "f", request_id: "-r", details: { a: 'b "c"' } };
  assert.equal(csvLine(event), `t,denied,login,"'=HYPERLINK(""x"")",,f,'-r,e,"{""a"":""b \\""c\\""""}"\r\n`);
  assert.equal(CSV_HEADER.split(",").length, csvLine({ ...event, description: "d", details: {} }).split(",").length);
});

async function all(answers) {
  const asked = [];
  const found = [];
  const open = async (cursor) => {
    asked.push(cursor);
    return answers[asked.length - 1];
  };
  for await (const event of auditLines(open)) found.push(event.event_id);
  return { asked, found };
}

test("an export goes on with the cursor that its last line has, however the bytes are cut", async () => {
  const first = '{"event_id":"1"}\n{"event_id":"2"}\n{"code":"export_continues","detail":"More.","next_cursor":"c"}\n';
  for (let cut = 0; cut <= first.length; cut += 7) {
    const { asked, found } = await all([[first.slice(0, cut), first.slice(cut)], ['{"event_id":"3"}\n']]);
    assert.deepEqual([asked, found], [[undefined, "c"], ["1", "2", "3"]]);
  }
});

test("a part of an export never looks like the whole", async () => {
  await assert.rejects(all([['{"event_id":"1"}\n{"event_id":']]), (error) => error instanceof Broken);
  await assert.rejects(all([['{"code":"unavailable","detail":"Later.","next_cursor":null}\n']]), /Later/);
});

test("numbers of a refusal are in its sentence", () => {
  const numbers = { limit: 100, used: 60, reserved: 10, requested: 51, retry_at: "noon" };
  assert.match(refusal("storage_limit_exceeded", numbers, FORM).why, /for 51 B, but only 30 B of 100 B .* 60 B were stored, and 10 B reserved/);
  assert.match(refusal("bandwidth_limit_exceeded", numbers, FORM).why, /begins noon\.$/);
  assert.match(refusal("bandwidth_limit_exceeded", {}, FORM).why, /an unknown size/);
  assert.match(refusal("brand_new", {}, FORM).why, /brand_new/);
});

const event = (more) => ({ event_id: "1", at: "2026-11-01T00:00:00Z", user_id: "u", action: "upload.granted", outcome: "done", description: "d", function: "upload", request_id: "r", details: {}, ...more });

test("events become a story in order, each once", () => {
  const later = event({ event_id: "2", at: "2026-11-02T00:00:00Z", action: "upload.rejected", outcome: "denied", details: { filename: "a.mp4", reason: "size is 1", video_id: "v" } });
  const found = inOrder([later, event({})], [later]);
  assert.deepEqual(found.map(({ event_id }) => event_id), ["1", "2"]);
  assert.deepEqual([videosOf(found), usersOf(found)], [["v"], ["u"]]);
  const chapter = chapterOf(later, FORM);
  assert.equal(chapter.title, "Upload rejected: a.mp4");
  assert.match(chapter.why, /not what had been announced.*The reason: size is 1\./);
  assert.ok(chapter.next);
});

test("a denial is explained by its code, and by its own words without one", () => {
  assert.match(chapterOf(event({ outcome: "denied", details: { code: "account_disabled" } }), FORM).why, /disabled/);
  assert.equal(chapterOf(event({ outcome: "denied" }), FORM).why, "d");
  assert.equal(chapterOf(event({}), FORM).next, null);
});
