/** What a player's `grant` can be: tokens and links, and the address where the player asks what there is to play. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const built = await build({
  entryPoints: [join(here, "../src/player/address.ts")],
  alias: { "@reelgate/watch": join(here, "../../../src/reelgate/web/watch") },
  bundle: true,
  format: "esm",
  write: false,
});
const { openSource, playUrlOf } = await import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString("base64")}`);

const PAGE = "https://blog.example.com/posts/1";
const API = "https://api.example.com";
const PLAY = `${API}/v1/play/rgp_1-a`;

for (const [grant, api, expected] of [
  ["rgp_1-a", API, PLAY],
  ["rgp_1-a", `${API}/`, PLAY],
  [" rgp_1-a\n", API, PLAY],
  ["rgp_1-a", null, "https://blog.example.com/v1/play/rgp_1-a"],
  [`${API}/watch/rgp_1-a`, null, PLAY],
  [`${API}/watch/rgp_1-a/`, null, PLAY],
  [`${API}/watch/rgp_1-a?embed=1#t`, null, PLAY],
  [`${API}/v1/play/rgp_1-a`, null, PLAY],
  [`${API}/videos/watch/rgp_1-a`, null, `${API}/videos/v1/play/rgp_1-a`],
  ["https://cdn.example.com/watch/rgp_1-a", API, PLAY],
  ["not a token", API, null],
  ["https://api.example.com/other/rgp_1", null, null],
  ["javascript:alert(1)", API, null],
  ["../secrets", API, null],
  ["rgp_1", "javascript:alert(1)", null],
]) {
  test(`${JSON.stringify(grant)} with api ${api}`, () => assert.equal(playUrlOf(grant, api, PAGE), expected));
}

test("a source is a playlist by its name or its type", async () => {
  const isHls = async (...from) => (await openSource(...from, PAGE).play()).hls !== null;
  assert.equal(await isHls("/a/master.M3U8?x=1", null), true);
  assert.equal(await isHls("/stream", "application/vnd.apple.mpegurl"), true);
  assert.equal(await isHls("/film.mp4", null), false);
  assert.equal((await openSource("film.mp4", null, PAGE).fileUrl("")).url, "https://blog.example.com/posts/film.mp4");
});

test("what is no address is not played", async () => {
  await assert.rejects(openSource("https://", null, PAGE).play(), { code: "not_playable" });
});
