import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { saveFrom } = await source("app/save.ts");

/** A page that notes which links are clicked. */
function page(t, answer) {
  const clicked = [];
  globalThis.document = {
    body: { append: () => undefined },
    createElement: () => ({ click: function click() { clicked.push(this.href); }, remove: () => undefined }),
  };
  t.after(() => delete globalThis.document);
  t.mock.method(globalThis, "fetch", async () => answer());
  return clicked;
}

test("what the bucket gives is saved", async (t) => {
  const clicked = page(t, () => new Response("x", { status: 206 }));
  await saveFrom("https://bucket.example/signed");
  assert.deepEqual(clicked, ["https://bucket.example/signed"]);
});

test("an error of the bucket does not take the place of the page", async (t) => {
  const clicked = page(t, () => new Response("<Error/>", { status: 403 }));
  await assert.rejects(saveFrom("https://bucket.example/signed"), { code: "storage_unavailable" });
  assert.deepEqual(clicked, []);
});
