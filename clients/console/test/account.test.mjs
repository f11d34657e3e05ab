import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { ExportFile } = await source("pages/account/export_file.ts");

test("the pages of an export become one file", async () => {
  const file = new ExportFile();
  file.add({ exported_at: "a", user: { user_id: "u" }, videos: [{ id: 1 }, { id: 2 }], entries: [], next_cursor: "c" });
  file.add({ exported_at: "b", user: null, videos: [{ id: 3 }], entries: [{ sequence: 1 }], next_cursor: null });
  assert.deepEqual([file.pages, file.items], [2, 4]);
  assert.deepEqual(JSON.parse(await file.blob().text()), {
    exported_at: "a", user: { user_id: "u" }, videos: [{ id: 1 }, { id: 2 }, { id: 3 }], entries: [{ sequence: 1 }],
  });
});

test("an empty export is a file, too", async () => {
  assert.deepEqual(JSON.parse(await new ExportFile().blob().text()), {});
});
