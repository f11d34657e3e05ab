import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore, ReelgateError } from "../dist/index.js";
import { client, withStore } from "./fixtures/store.mjs";

const here = withStore();
const signedOut = (error) => error instanceof ReelgateError && error.code === "signed_out";

async function signedIn(options = {}) {
  const reelgate = client(here.store, options);
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  return reelgate;
}

test("signing in shows who it is, and tells who listens", async () => {
  const reelgate = client(here.store, {});
  const seen = [];
  const end = reelgate.auth.onChange((session) => seen.push(session?.userId ?? null));
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  assert.deepEqual(reelgate.auth.session, { userId: "ada", email: "ada@example.org", role: "user", emailVerified: true });
  assert.deepEqual((await reelgate.videos.list()).items, []);
  await reelgate.auth.signOut();
  end();
  await reelgate.auth.signIn("ada@example.org", "correct horse battery");
  assert.deepEqual(seen, ["ada", null]);
});

test("a wrong password is not tried twice", async () => {
  const reelgate = client(here.store, {});
  await assert.rejects(reelgate.auth.signIn("ada@example.org", "wrong"), { code: "invalid_credentials" });
  assert.equal(here.store.count("POST /v1/auth/login"), 1);
});

test("who is not signed in asks nothing", async () => {
  await assert.rejects(client(here.store, {}).videos.list(), signedOut);
  assert.equal(here.store.requests.length, 0);
});

test("registering signs in, with a name made of the address", async () => {
  const reelgate = client(here.store, {});
  await reelgate.auth.register("grace.m+films@example.org", "correct horse battery");
  assert.equal(here.store.users.get("grace.m+films@example.org").username, "grace.m-films");
  assert.equal(reelgate.auth.session.userId, "grace.m+films");
});

test("ten requests with a revoked token refresh once", async () => {
  const reelgate = await signedIn();
  here.store.tokens.clear();
  await Promise.all(Array.from({ length: 10 }, () => reelgate.videos.list()));
  assert.equal(here.store.count("POST /v1/auth/refresh"), 1);
});

test("a token is refreshed before it expires", async () => {
  here.store.tokenSeconds = 20; // it is used for half of its life
  const reelgate = await signedIn();
  const now = Date.now();
  const real = Date.now;
  Date.now = () => now + 11_000;
  try {
    await Promise.all([reelgate.videos.list(), reelgate.videos.list()]);
  } finally {
    Date.now = real;
  }
  assert.deepEqual(here.store.requests.slice(1), ["POST /v1/auth/refresh", "GET /v1/videos", "GET /v1/videos"]);
});

test("a server that refuses every token is asked twice, not for ever", async () => {
  const reelgate = await signedIn();
  here.store.fault("GET /v1/videos", 401, { times: 9 });
  await assert.rejects(reelgate.videos.list(), { code: "unauthorized" });
  assert.equal(here.store.count("GET /v1/videos"), 2);
});

test("a refresh token that was revoked signs out, everywhere in the page", async () => {
  const store = memoryStore();
  const reelgate = await signedIn({ sessionStore: store });
  here.store.tokens.clear();
  here.store.users.get("ada@example.org").refresh = "another";
  const all = await Promise.allSettled([reelgate.videos.list(), reelgate.videos.list()]);
  assert.ok(all.every(({ reason }) => signedOut(reason)));
  assert.equal(reelgate.auth.session, null);
  assert.equal(store.read(), null);
});

test("a network that is lost while refreshing does not sign out", async () => {
  const reelgate = await signedIn();
  here.store.tokens.clear();
  here.store.fault("POST /v1/auth/refresh", "drop", { times: 3 });
  assert.deepEqual((await reelgate.videos.list()).items, []);
  here.store.tokens.clear();
  here.store.fault("POST /v1/auth/refresh", "drop", { times: 99 });
  await assert.rejects(reelgate.videos.list(), { code: "network" });
  assert.equal(reelgate.auth.session.userId, "ada");
});

test("restoring goes on with what the store has, and forgets what has ended", async () => {
  const store = memoryStore();
  await signedIn({ sessionStore: store });
  const later = client(here.store, { sessionStore: store });
  assert.equal(await later.auth.restore(), true);
  assert.equal(later.auth.session.userId, "ada");
  here.store.users.get("ada@example.org").refresh = "another";
  const muchLater = client(here.store, { sessionStore: store });
  assert.equal(await muchLater.auth.restore(), false);
  assert.equal(store.read(), null);
  assert.equal(await client(here.store, {}).auth.restore(), false);
});

test("signing out while a refresh is under way stays signed out", async () => {
  const store = memoryStore();
  const reelgate = await signedIn({ sessionStore: store });
  here.store.tokens.clear();
  here.store.fault("POST /v1/auth/refresh", () => reelgate.auth.signOut().then(() => null));
  await assert.rejects(reelgate.videos.list(), signedOut);
  assert.equal(reelgate.auth.session, null);
  assert.equal(store.read(), null);
});

test("a function's token is asked for again after a refusal, and an API key is not", async () => {
  let asked = 0;
  const reelgate = client(here.store, { token: () => (++asked === 1 ? "stale" : "given-token") });
  assert.deepEqual((await reelgate.videos.list()).items, []);
  await assert.rejects(client(here.store, { apiKey: "rgk_wrong" }).videos.list(), { code: "unauthorized" });
  assert.equal(here.store.count("GET /v1/videos"), 3);
});
