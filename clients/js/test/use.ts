/** What users of the package write must compile, and what is wrong must not. The tests compile it; nobody runs it. */
import { describe, pages, Reelgate, ReelgateError, tabStore, Upload, UploadQueue, type Video, type Grant } from "@reelgate/client";
const r = new Reelgate({ endpoint: "x", sessionStore: tabStore() });
const v: Video = await r.videos.get("a");
const list = await r.videos.list({ sort: "-size", search: null });
const t: string | null = list.next_cursor;
const n = (await r.request("GET", "/v1/videos/{video_id}", { params: { path: { video_id: "a" } } })).filename;
const e = await r.request("POST", "/v1/admin/usage/exports", { body: { from: "2026-11-01", to: "2026-11-30" } });
const g: Grant = await r.grants.get("x");
// @ts-expect-error unknown path
await r.request("GET", "/v1/nothing");
// @ts-expect-error no such method
await r.request("PUT", "/v1/videos");
// @ts-expect-error wrong sort
await r.videos.list({ sort: "colour" });
for await (const one of pages((cursor) => r.videos.list({ cursor }))) console.log(one.video_id, v, t, n, e, g);
const u: Upload = r.upload(new File([], "a"));
new UploadQueue(r, { concurrent: 2 }).add([new File([], "a")]);
console.log(u.done, describe(new ReelgateError("network")));
