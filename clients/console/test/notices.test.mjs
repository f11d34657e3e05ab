/** What the packages say of licences: its own, and those of what is bundled. */
import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notices } from "../../js/notices.mjs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

test("the packages have the project's licence, as a file: npm packs no links", () => {
  for (const copy of ["../../js/LICENSE", "../../python/LICENSE"]) assert.equal(read(copy), read("../../../LICENSE"), copy);
});

test("the script files come with the licences of what is in them", () => {
  const text = read("../../js/dist/THIRD_PARTY_NOTICES.txt");
  assert.match(text, /^hls\.js \d[^\n]* \(Apache-2\.0\)$/m);
  assert.match(text, /^media-chrome \d[^\n]* \(MIT\)$/m);
  assert.doesNotMatch(text, /^(preact|react) /m);
});

test("only what is in the build is named, and nothing is without a licence", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "notices-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const install = (name, files) => {
    mkdirSync(join(folder, "node_modules", name), { recursive: true });
    writeFileSync(join(folder, "node_modules", name, "package.json"), JSON.stringify({ name, version: "1.0.0", license: "MIT" }));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, "node_modules", name, file), text);
  };
  install("@scope/one", { "LICENSE.md": "Licence of one", NOTICE: "Notice of one" });
  install("shaken-off", { LICENSE: "Licence of what is not there" });
  install("bare", {});
  const inputs = { "src/a.ts": { bytesInOutput: 9 }, "node_modules/@scope/one/a.js": { bytesInOutput: 9 }, "node_modules/shaken-off/a.js": { bytesInOutput: 0 } };
  const text = notices([{ outputs: { "a.js": { inputs }, "a.js.map": { inputs: {} } } }], folder);
  assert.match(text, /@scope\/one 1\.0\.0 \(MIT\)\n\nLicence of one\n\nNotice of one\n/);
  assert.doesNotMatch(text, /shaken-off/);
  const bare = { "node_modules/bare/a.js": { bytesInOutput: 1 } };
  assert.throws(() => notices([{ outputs: { "a.js": { inputs: bare } } }], folder), /bare 1\.0\.0 has no file/);
});
