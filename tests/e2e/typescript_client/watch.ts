// Uploads a video, finds it, plays it, and looks at the usage, as a program with a generated client does. Prints what it saw as JSON.
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./reelgate.js";

type Problem = components["schemas"]["Problem"];
type Upload = components["schemas"]["Upload"];

const [file = ""] = process.argv.slice(2);
const bytes = await readFile(file);
const api = createClient<paths>({
  baseUrl: process.env["REELGATE_URL"] ?? "",
  headers: { Authorization: `Bearer ${process.env["TOKEN"]}` },
});

/** Returns what was answered; throws what was refused. */
function answered<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (data === undefined) throw new Error(error && `${error.code}: ${error.detail} (${error.request_id})`);
  return data;
}

/** Returns the problem of a refused request. */
function refused({ error }: { error?: Problem }): Problem {
  if (error === undefined) throw new Error("It was not refused.");
  return error;
}

/** Sends the bytes to the session of an upload, which the server or the signed request opens, and waits for the video. */
async function send({ upload_id, request, session_url }: Upload): Promise<Upload> {
  let session = session_url;
  if (request) {
    const opened = await fetch(request.url, { method: request.method, headers: request.headers });
    session = opened.headers.get("location");
  }
  if (!session) throw new Error("There is no session.");
  const sent = await fetch(session, { method: "PUT", body: bytes });
  if (!sent.ok) throw new Error(`The bucket answered ${sent.status}.`);
  for (;;) {
    const upload = answered(await api.GET("/v1/uploads/{upload_id}", { params: { path: { upload_id } } }));
    if (upload.state !== "open") return upload;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const wanted = { filename: "holiday.mp4", title: "Our holiday", size: bytes.length };
const first = await send(answered(await api.POST("/v1/uploads", { body: wanted })));
const body = { filename: "beach.mp4", title: "The beach", size: bytes.length, start: "server" } as const;
const second = await send(answered(await api.POST("/v1/uploads", { body })));

const query = { search: "mp4", sort: "title", limit: 10 } as const;
const videos = answered(await api.GET("/v1/videos", { params: { query } }));

const path = { video_id: first.video_id ?? "" };
const { url } = answered(await api.GET("/v1/videos/{video_id}/url", { params: { path } }));
const played = await fetch(url, { headers: { Range: "bytes=4-7" } });

const taken = refused(await api.POST("/v1/uploads", { body }));
const wrong = refused(await api.GET("/v1/videos", { params: { query: { limit: 0 } } }));

const deleted = await api.DELETE("/v1/videos/{video_id}", { params: { path } });
const gone = refused(await api.GET("/v1/videos/{video_id}/url", { params: { path } }));
const trash = answered(await api.GET("/v1/trash"));

const { storage, bandwidth } = answered(await api.GET("/v1/usage"));
const seen = {
  states: [first.state, second.state],
  videos: videos.items.map(({ filename, size, title }) => ({ filename, size, title })),
  next_cursor: videos.next_cursor,
  played: { status: played.status, text: await played.text() },
  refused: [taken, wrong, gone].map(({ code, status, errors }) => ({ code, status, fields: errors?.map(({ field }) => field) })),
  deleted: deleted.response.status,
  trash: trash.items.map(({ filename }) => filename),
  used: storage.used,
  bandwidth: { uploaded: bandwidth.uploaded, streamed: bandwidth.streamed },
};
console.log(JSON.stringify(seen));
