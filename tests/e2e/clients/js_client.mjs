/** A user of @reelgate/client against the running system. Prints as JSON what came of it. */
import { openAsBlob } from "node:fs";

const [, , library, film, email, password] = process.argv;
const { describe, memoryStore, pages, Reelgate, UploadQueue } = await import(library);
const endpoint = process.env.REELGATE_URL;
const seen = {};

const store = memoryStore();
const first = new Reelgate({ endpoint, sessionStore: store });
seen.wrongPassword = await first.auth.signIn(email, "not the password").catch((error) => error.code);
await first.auth.signIn(email, password);
const reelgate = new Reelgate({ endpoint, sessionStore: store }); // the page was reloaded
seen.restored = await reelgate.auth.restore();
seen.user = reelgate.auth.session.email === email;

const whole = new File([await openAsBlob(film)], "holiday.mp4", { type: "video/mp4" });
const upload = reelgate.upload(whole, { title: "At the sea" });
const states = [];
upload.addEventListener("statechange", () => states.push(upload.state));
const { videoId } = await upload.done;
seen.states = states;
seen.video = (({ filename, title, size }) => ({ filename, title, size: size === whole.size }))(await reelgate.videos.get(videoId));
const { url } = await reelgate.videos.url(videoId);
seen.played = (await fetch(url, { headers: { Range: "bytes=0-99" } })).status;
const again = await reelgate.upload(whole).done.catch((error) => error);
seen.taken = [again.code, describe(again)];

// Parts, paused on one device, finished on another; 40 parts of 256 KiB.
const bytes = new Uint8Array(10 * 1024 * 1024).map((_, at) => (at * 31) >> 3);
const large = new File([bytes], "large.mp4", { type: "video/mp4" });
const divided = { parallel: 4, partSize: 256 * 1024 };
const begun = reelgate.upload(large, divided);
await new Promise((resolve) => begun.addEventListener("progress", () => begun.sentBytes > 0 && resolve()));
begun.pause();
await new Promise((resolve) => begun.addEventListener("statechange", resolve, { once: true }) ?? setTimeout(resolve, 200));
const other = new Reelgate({ endpoint });
await other.auth.signIn(email, password);
const different = new File([bytes.slice(1)], "large.mp4");
seen.different = await other.upload(different, { resumeId: begun.id }).done.catch((error) => error.code);
const continued = other.upload(large, { resumeId: begun.id });
seen.continued = (await continued.done).videoId === begun.id;
const joined = await (await fetch((await other.videos.url(begun.id)).url)).arrayBuffer();
seen.joined = Buffer.compare(Buffer.from(joined), Buffer.from(bytes)) === 0;

// A session in chunks, cancelled on the other device in the middle.
const chunked = reelgate.upload(new File([bytes], "chunked.mp4"), { parallel: 1, chunkSize: 256 * 1024 });
await new Promise((resolve) => chunked.addEventListener("progress", () => chunked.sentBytes > 0 && resolve()));
await other.uploads.cancel(chunked.id);
seen.cancelled = await chunked.done.catch((error) => error.code);

const queue = new UploadQueue(reelgate);
queue.pause();
queue.add([new File([bytes.slice(0, 5000)], "small.mp4"), new File(["no film"], "notes.txt"), new File([bytes.slice(0, 300_000)], "middle.mp4")]);
seen.fits = (await queue.check()).allowed;
queue.resume();
await Promise.allSettled(queue.items.map((item) => item.done));
seen.queue = queue.items.map((item) => item.error?.code ?? item.state);

seen.listed = [];
for await (const video of pages((cursor) => reelgate.videos.list({ cursor, limit: 2, sort: "title", type: "video" }))) seen.listed.push(video.title ?? video.filename);
await reelgate.videos.rename(videoId, "Our holiday");
await reelgate.videos.captions.put(videoId, "en", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", { label: "English" });
seen.captions = await reelgate.videos.captions.get(videoId, "en");
seen.wrongCaptions = await reelgate.videos.captions.put(videoId, "en", "1\n").catch((error) => [error.code, error.problem.line]);

const grant = await reelgate.grants.create(videoId, { seconds: 3600 });
seen.shared = (await fetch(`${endpoint}/v1/play/${grant.watch_url.split("/").at(-1)}`)).status;
await reelgate.grants.revoke(grant.grant_id);
seen.revoked = (await reelgate.grants.get(grant.grant_id)).state;

const usage = await reelgate.usage.now();
seen.usage = usage.storage.used > 0 && (await reelgate.usage.days()).items.length > 0 && (await reelgate.usage.entries({ limit: 3 })).items.length === 3;
seen.me = (await reelgate.me.get()).user_id === reelgate.auth.session.userId;
const key = await reelgate.me.apiKeys.create({ label: "reader", scopes: ["read"] });
const reader = new Reelgate({ endpoint, apiKey: key.key });
seen.reader = [(await reader.videos.list()).items.length, await reader.videos.delete(videoId).catch((error) => error.code)];
await reelgate.me.apiKeys.revoke(key.key_id);
seen.admin = await reelgate.admin.users.list().catch((error) => error.code);

for (const id of [videoId, begun.id]) await reelgate.videos.delete(id);
await reelgate.videos.restore(videoId);
seen.purged = await reelgate.trash.empty();
await reelgate.auth.signOut();
seen.signedOut = await reelgate.videos.list().catch((error) => error.code);
console.log(JSON.stringify(seen));
