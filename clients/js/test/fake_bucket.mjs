/** The bucket of FakeStore: resumable sessions and create-only parts, as Cloud Storage documents them. */
import { randomUUID } from "node:crypto";
import { crc32c, crc32cBase64 } from "../dist/index.js";

const QUANTUM = 256 * 1024;
const answer = (status, headers = {}, body = "") => ({ status, headers, body });
const refusal = (status, code) => answer(status, { "Content-Type": "application/xml" }, `<Error><Code>${code}</Code></Error>`);

export class FakeBucket {
  #store;
  #sessions = new Map();
  #urls = new Map();
  /** Every byte that was sent, by upload: to see that none is sent again without need. */
  sentBytes = new Map();

  constructor(store) {
    this.#store = store;
  }

  openSession(upload) {
    const id = randomUUID();
    this.#sessions.set(id, { upload, bytes: Buffer.alloc(0), ended: null });
    return id;
  }

  /** Every later request to the session is answered by this status. */
  endSession(id, status) {
    const session = this.#sessions.get(id);
    if (session) session.ended = status;
  }

  isAlive(id) {
    return this.#sessions.get(id)?.ended === null;
  }

  kept(id) {
    return this.#sessions.get(id)?.bytes.length ?? 0;
  }

  signPart(upload, index) {
    const id = randomUUID();
    this.#urls.set(id, { upload, index });
    return `${this.#store.url}/bucket/part/${id}`;
  }

  /** All URLs of parts that are out stop working. */
  expireUrls() {
    for (const url of this.#urls.values()) url.expired = true;
  }

  answer(request, path, body, isCut) {
    const [, , kind, id] = path.split("/");
    if (request.headers.authorization) return refusal(400, "TokenSentToTheBucket");
    return kind === "session" ? this.#session(this.#sessions.get(id), request, body, isCut) : this.#part(this.#urls.get(id), request, body, isCut);
  }

  #sent(upload, bytes) {
    this.sentBytes.set(upload.id, (this.sentBytes.get(upload.id) ?? 0) + bytes);
  }

  #session(session, request, body, isCut) {
    if (!session) return refusal(404, "NoSuchUpload");
    if (session.ended) return refusal(session.ended, "Ended");
    const { upload } = session;
    if (upload.object) return answer(200, { ETag: '"x"' });
    const range = /^bytes (?:\*|(\d+)-(\d+))\/(\d+)$/.exec(request.headers["content-range"] ?? "");
    if (!range || Number(range[3]) !== upload.size) {
      session.ended = 400;
      return refusal(400, "InvalidArgument");
    }
    if (range[1] !== undefined) {
      const [first, last] = [Number(range[1]), Number(range[2])];
      if (first > session.bytes.length) return refusal(400, "InvalidArgument");
      if (last + 1 !== upload.size && (last + 1 - first) % QUANTUM) {
        session.ended = 400;
        return refusal(400, "InvalidArgument");
      }
      this.#sent(upload, body.length);
      const all = Buffer.concat([session.bytes.subarray(0, first), body]);
      if (all.length > session.bytes.length) session.bytes = isCut || all.length < upload.size ? all.subarray(0, all.length - (all.length % QUANTUM)) : all;
    }
    if (session.bytes.length < upload.size) return answer(308, session.bytes.length ? { Range: `bytes=0-${session.bytes.length - 1}` } : {});
    if (upload.crc32c && upload.crc32c !== crc32cBase64(crc32c(new Uint8Array(session.bytes)))) {
      session.ended = 410;
      session.bytes = Buffer.alloc(0);
      return refusal(400, "BadDigest");
    }
    upload.object = session.bytes;
    return answer(200, { ETag: '"x"' });
  }

  #part(url, request, body, isCut) {
    if (!url) return refusal(404, "NoSuchKey");
    const { upload, index, expired } = url;
    if (expired) return refusal(400, "ExpiredToken");
    if (isCut) return answer(200); // a part is there as a whole or not at all
    this.#sent(upload, body.length);
    if (upload.parts.has(index)) return refusal(412, "PreconditionFailed");
    if (request.headers["x-goog-content-length-range"] !== `${body.length},${body.length}`) return refusal(400, "EntityTooLarge");
    const hash = request.headers["x-goog-hash"];
    if (hash && hash !== `crc32c=${crc32cBase64(crc32c(new Uint8Array(body)))}`) return refusal(400, "BadDigest");
    upload.parts.set(index, body);
    return answer(200, { ETag: '"x"' });
  }
}
