/** A store for tests: the API and the bucket in one server, with state and with faults. It refuses what the real ones refuse. */
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { crc32c, crc32cBase64 } from "../dist/index.js";
import { FakeBucket } from "./fake_bucket.mjs";

const json = (status, content, headers = {}) => ({ status, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(content) });

/** An answer as the API refuses. */
export function problem(status, code, more = {}, headers = {}) {
  const content = { type: `urn:problem-type:reelgate:${code}`, title: "No", status, code, detail: `Detail of ${code}.`, request_id: "request-0001", ...more };
  return { status, headers: { "Content-Type": "application/problem+json", ...headers }, body: JSON.stringify(content) };
}

/** `await FakeStore.start()`; then `url`, `uploads`, `requests`, and `fault(...)`. */
export class FakeStore {
  uploads = new Map();
  /** What was asked: `"POST /v1/uploads"`. */
  requests = [];
  faults = [];
  keys = new Map();
  users = new Map([["ada@example.org", { password: "correct horse battery", refresh: "refresh-0", role: "user" }]]);
  /** Tokens that are accepted, by token; the value is the user's id. */
  tokens = new Map([["given-token", "ada"]]);
  tokenSeconds = 3600;
  storageAvailable = 10 ** 12;
  /** How many looks at a finished upload still say `open`: the bucket's report is late. */
  lateLooks = 0;

  static async start() {
    const store = new FakeStore();
    store.server = createServer((request, response) => void store.#serve(request, response));
    await new Promise((resolve) => store.server.listen(0, "127.0.0.1", resolve));
    store.url = `http://127.0.0.1:${store.server.address().port}`;
    store.bucket = new FakeBucket(store);
    return store;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /**
   * Break the next requests whose `METHOD /path` begins with `start`. What happens: a status to answer without doing it, `drop` (no
   * answer, not done), `lose` (done, no answer), `half` (half of the body arrives, no answer), or a function of the request.
   */
  fault(start, what, { times = 1, after = 0, headers = {} } = {}) {
    this.faults.push({ start, what, times, after, headers });
  }

  count(start) {
    return this.requests.filter((line) => line.startsWith(start)).length;
  }

  #faultOf(line) {
    for (const fault of this.faults) {
      if (!line.startsWith(fault.start) || fault.times === 0) continue;
      if (fault.after > 0) {
        fault.after -= 1;
        continue;
      }
      fault.times -= 1;
      return fault;
    }
    return null;
  }

  async #serve(request, response) {
    const path = request.url.split("?")[0];
    const line = `${request.method} ${path}`;
    this.requests.push(line + (request.headers["content-range"]?.startsWith("bytes */") ? " ask" : ""));
    const fault = this.#faultOf(this.requests.at(-1));
    if (fault?.what === "drop") return request.socket.destroy();
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the client has gone
    }
    let body = Buffer.concat(chunks);
    if (fault?.what === "half") body = body.subarray(0, body.length >> 1);
    let answer;
    if (typeof fault?.what === "number") answer = { status: fault.what, headers: fault.headers, body: "a fault" };
    else if (typeof fault?.what === "function") answer = await fault.what({ request, body, line });
    answer ??= path.startsWith("/bucket/") ? this.bucket.answer(request, path, body, fault?.what === "half") : this.#api(request, line, body);
    if (fault?.what === "lose" || fault?.what === "half") return request.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #api(request, line, body) {
    const content = body.length ? JSON.parse(body) : {};
    const auth = { "POST /v1/auth/login": "login", "POST /v1/auth/refresh": "refresh", "POST /v1/auth/register": "register" }[line];
    if (auth) return this[auth](content);
    const token = request.headers.authorization?.replace("Bearer ", "");
    const userId = this.tokens.get(token);
    if (!userId) return problem(401, "unauthorized");
    if (line === "POST /v1/uploads") return this.#create(content, request.headers["idempotency-key"]);
    if (line === "GET /v1/uploads") return json(200, { items: this.#open().map((upload) => this.#shown(upload)), next_cursor: null });
    if (line === "POST /v1/uploads/check") return this.#check(content);
    if (line === "GET /v1/videos") return json(200, { items: [], next_cursor: null });
    const [, , , id, action] = request.url.split("?")[0].split("/");
    const upload = this.uploads.get(id);
    if (request.url.startsWith("/v1/videos/") && request.method === "DELETE") return this.#trash(upload);
    if (!request.url.startsWith("/v1/uploads/") || !upload) return problem(404, "upload_not_found");
    const name = `${request.method} ${action ?? ""}`.trim();
    const operations = { GET: "#get", DELETE: "#cancel", "POST resume": "#resume", "POST parts": "#parts", "POST complete": "#complete" };
    if (!operations[name]) return problem(404, "not_found");
    return { "#get": () => this.#get(upload), "#cancel": () => this.#cancel(upload), "#resume": () => this.#resume(upload), "#parts": () => this.#parts(upload, content), "#complete": () => this.#complete(upload, content) }[operations[name]]();
  }

  login({ email, password }) {
    const user = this.users.get(email);
    return user?.password === password ? this.#tokensOf(email, user) : problem(401, "invalid_credentials");
  }

  refresh({ refresh_token: refresh }) {
    const [email, user] = [...this.users].find(([, one]) => one.refresh === refresh) ?? [];
    return user ? this.#tokensOf(email, user) : problem(401, "invalid_credentials");
  }

  register({ email, username, password }) {
    if (this.users.has(email)) return problem(409, "email_taken");
    this.users.set(email, { password, refresh: `refresh-${email}`, role: "user", username });
    return json(201, {});
  }

  #tokensOf(email, user) {
    const now = Math.floor(Date.now() / 1000);
    const payload = Buffer.from(JSON.stringify({ iat: now, exp: now + this.tokenSeconds, jti: randomUUID() })).toString("base64url");
    const token = `e30.${payload}.c2ln`;
    const userId = email.split("@")[0];
    this.tokens.set(token, userId);
    const shown = { user_id: userId, email, email_verified: true, username: userId, role: user.role };
    return json(200, { token, refresh_token: user.refresh, expires_at: new Date((now + this.tokenSeconds) * 1000).toISOString(), user: shown });
  }

  #open() {
    return [...this.uploads.values()].filter((upload) => upload.state === "open");
  }

  #check({ sizes }) {
    let left = this.storageAvailable;
    const items = sizes.map((size) => {
      const allowed = size <= left;
      if (allowed) left -= size;
      return { size, allowed, code: allowed ? null : "storage_limit_exceeded", detail: allowed ? null : "Too little is left." };
    });
    return json(200, { allowed: items.every((item) => item.allowed), storage_available: this.storageAvailable, bandwidth_available: 10 ** 12, items });
  }

  #create(wanted, key) {
    const known = key && this.keys.get(key);
    if (known) {
      if (known.body !== JSON.stringify(wanted)) return problem(409, "idempotency_mismatch");
      return known.upload.state === "open" ? json(201, this.#shown(known.upload, true)) : problem(409, "upload_finished");
    }
    const taken = [...this.uploads.values()].some((one) => one.filename === wanted.filename && (one.state === "open" || one.state === "ready") && !one.trashed);
    if (taken) return problem(409, "name_taken");
    if (wanted.size > this.storageAvailable) return problem(403, "storage_limit_exceeded");
    this.storageAvailable -= wanted.size;
    const upload = { id: randomUUID().replaceAll("-", ""), state: "open", ...wanted, partSize: null, parts: new Map(), looks: this.lateLooks };
    if (wanted.start === "parts") upload.partSize = wanted.part_size ?? 16 * 1024 * 1024;
    else upload.session = this.bucket.openSession(upload);
    this.uploads.set(upload.id, upload);
    if (key) this.keys.set(key, { body: JSON.stringify(wanted), upload });
    return json(201, this.#shown(upload, true));
  }

  #get(upload) {
    this.#report(upload);
    return json(200, this.#shown(upload));
  }

  /** The bucket's event, late if the test wants that. */
  #report(upload) {
    if (upload.state !== "open" || !upload.object) return;
    if (upload.looks > 0) upload.looks -= 1;
    else this.#settle(upload);
  }

  #settle(upload) {
    const reason = upload.object.length === upload.size ? upload.refused : `size is ${upload.object.length} bytes, granted were ${upload.size}`;
    upload.state = reason ? "rejected" : "ready";
    upload.reason = reason ?? null;
  }

  #cancel(upload) {
    if (upload.state === "ready") return problem(409, "upload_finished");
    if (upload.state === "open") upload.state = "cancelled";
    this.bucket.endSession(upload.session, 499);
    return { status: 204, headers: {}, body: "" };
  }

  #trash(upload) {
    if (upload) upload.trashed = true;
    return { status: 204, headers: {}, body: "" };
  }

  #resume(upload) {
    if (upload.state !== "open") return problem(409, "upload_finished");
    if (upload.partSize) return problem(409, "upload_is_chunked");
    if (!this.bucket.isAlive(upload.session)) upload.session = this.bucket.openSession(upload);
    return json(200, this.#shown(upload, true));
  }

  #parts(upload, { parts }) {
    if (upload.state !== "open") return problem(409, "upload_finished");
    const signed = parts.map(({ index, crc32c: crc }) => {
      const size = Math.min(upload.partSize, upload.size - index * upload.partSize);
      const headers = { "Content-Type": "application/octet-stream", "x-goog-if-generation-match": "0", "x-goog-content-length-range": `${size},${size}` };
      if (crc) headers["x-goog-hash"] = `crc32c=${crc}`;
      return { index, size, request: { method: "PUT", url: this.bucket.signPart(upload, index), headers, expires_at: new Date(Date.now() + 900_000).toISOString() } };
    });
    return json(200, { reserved_until: new Date().toISOString(), parts: signed });
  }

  #complete(upload, { crc32c: crc }) {
    if (upload.state !== "open" && upload.state !== "ready") return problem(409, "upload_finished");
    if (upload.partSize && !upload.object) {
      const count = Math.ceil(upload.size / upload.partSize);
      const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !upload.parts.has(index));
      if (missing.length) return problem(409, "chunks_missing", { missing });
      const whole = Buffer.concat(Array.from({ length: count }, (_, index) => upload.parts.get(index)));
      if (crc && crc !== crc32cBase64(crc32c(new Uint8Array(whole)))) return problem(409, "chunk_differs");
      upload.object = whole;
    }
    if (!upload.object || upload.looks > 0) {
      upload.looks -= upload.object ? 1 : 0;
      return problem(409, "upload_incomplete");
    }
    if (upload.state === "open") this.#settle(upload);
    if (upload.state === "rejected") return problem(409, "upload_finished");
    if (crc && crc !== crc32cBase64(crc32c(new Uint8Array(upload.object)))) return problem(409, "chunk_differs");
    return json(200, this.#shown(upload));
  }

  #shown(upload, withSecrets = false) {
    const received = [...upload.parts.keys()].sort((a, b) => a - b);
    const bytes = upload.object?.length ?? (upload.partSize ? [...upload.parts.values()].reduce((sum, part) => sum + part.length, 0) : this.bucket.kept(upload.session));
    return {
      upload_id: upload.id, state: upload.state, filename: upload.filename, title: upload.title ?? null, size: upload.size, content_type: "video/mp4",
      received_bytes: bytes, created_at: "2026-11-29T18:00:00Z", reserved_until: null, reason: upload.reason ?? null,
      video_id: upload.state === "ready" && !upload.trashed ? upload.id : null, request: null,
      session_url: withSecrets && upload.session ? `${this.url}/bucket/session/${upload.session}` : null,
      parts: upload.partSize && upload.state === "open" ? { size: upload.partSize, count: Math.ceil(upload.size / upload.partSize), received } : null,
    };
  }
}
