import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { followSignOuts } = await source("app/sign_outs.ts");

test("a sign-out is heard in other tabs, and not in its own", async (t) => {
  const channels = [];
  const Real = globalThis.BroadcastChannel;
  globalThis.BroadcastChannel = class extends Real {
    constructor(name) {
      super(name);
      channels.push(this);
    }
  };
  t.after(() => {
    for (const channel of channels) channel.close();
    globalThis.BroadcastChannel = Real;
  });
  const here = [];
  const tell = followSignOuts((userId) => here.push(userId));
  const there = new Promise((resolve) => followSignOuts(resolve));
  channels[1].postMessage({ of: "another version" });
  tell("ada");
  assert.equal(await there, "ada");
  assert.deepEqual(here, []);
});

test("without channels there is nobody to tell", (t) => {
  const Real = globalThis.BroadcastChannel;
  delete globalThis.BroadcastChannel;
  t.after(() => (globalThis.BroadcastChannel = Real));
  followSignOuts(() => assert.fail("heard"))("ada");
});
