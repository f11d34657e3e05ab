import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { daysOf, monthName, monthOf, recentMonths, shifted } = await source("pages/usage/months.ts");
const { scaleFor, stacked } = await source("pages/usage/bars.ts");
const { amountsOf, kindWords } = await source("pages/usage/ledger_words.ts");

test("a month ends today at the latest, because the API knows no days to come", () => {
  assert.deepEqual(monthOf("2026-11-29", "2026-11-29"), { key: "2026-11", first: "2026-11-01", last: "2026-11-29" });
  assert.equal(monthOf("2024-02-10", "2026-11-29").last, "2024-02-29");
  assert.equal(monthOf("2026-12-01", "2026-12-01").last, "2026-12-01");
});

test("months go on over the turn of a year", () => {
  const january = monthOf("2026-01-15", "2026-01-15");
  assert.equal(shifted(january, -1, "2026-01-15").key, "2025-12");
  assert.equal(shifted(shifted(january, -1, "2026-01-15"), 1, "2026-01-15").key, "2026-01");
  assert.deepEqual(recentMonths("2026-02-03", 4).map(({ key }) => key), ["2026-02", "2026-01", "2025-12", "2025-11"]);
  assert.equal(daysOf(january).length, 31);
  assert.equal(monthName("2026-11"), "November 2026");
});

test("scales end at or above the largest value, with round steps of whole bytes", () => {
  for (const largest of [0, 1, 2, 3, 7, 999, 1000, 1001, 52_428_800, 3.1e12, Number.MAX_SAFE_INTEGER]) {
    const { top, lines } = scaleFor(largest);
    assert.ok(top >= largest && top > 0, String(largest));
    assert.ok(lines.length <= 6, `${largest}: ${lines}`);
    assert.ok(lines.every(Number.isInteger), `${largest}: ${lines}`);
    assert.equal(lines[0], 0);
  }
  assert.deepEqual(scaleFor(90).lines, [0, 25, 50, 75, 100]);
});

test("bars are stacked, and what corrections left below zero is drawn as nothing", () => {
  const [bar] = stacked([{ key: "2026-11-01", values: [50, -20, 25] }], 100);
  assert.deepEqual(bar.segments, [{ from: 0, height: 0.5 }, { from: 0.5, height: 0 }, { from: 0.5, height: 0.25 }]);
});

test("every kind of entry of the server has words, and one of a newer server is shown by its name", async () => {
  const { readFile } = await import("node:fs/promises");
  const entries = await readFile(new URL("../../../src/reelgate/domain/books/entries.py", import.meta.url), "utf8");
  const kinds = [...entries.matchAll(/^ {4}[A-Z_]+ = "([a-z-]+)"$/gm)].map(([, kind]) => kind);
  assert.ok(kinds.length > 10);
  for (const kind of kinds) assert.match(kindWords(kind, null), /^[A-Z]/, kind);
  assert.equal(kindWords("release", "expired"), "Upload expired");
  assert.equal(kindWords("some-thing", null), "some thing");
});

test("amounts that are zero are not shown", () => {
  const entry = { stored: 5, trash: 0, reserved: -5, uploaded: 0, streamed: 0, rejected: 0 };
  assert.deepEqual(amountsOf(entry), [["storage", 5], ["reserved", -5]]);
});
