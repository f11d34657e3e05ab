/** The door for Uppy 6: what its plugin `AwsS3` needs to upload to Reelgate. docs/upload-doors.md has an example. */
import { ReelgateError } from "../client/errors.js";
import type { Reelgate } from "../client/reelgate.js";

const MIB = 1024 * 1024;
const PART_BYTES = 16 * MIB;
const MIN_PART_BYTES = 5 * MIB;
const MAX_PARTS = 10_000;
/** How often a file goes on by itself after a part that was there already. Each time fewer are left; a loop would ask for ever. */
const MOST_RETRIES = 10;

/** What is read of a file of Uppy's. */
export interface UppyFileFacts {
  readonly id: string;
  readonly name?: string | undefined;
  readonly size: number | null;
}

/** What `AwsS3` asks `signRequest`. */
export interface S3Request {
  readonly method: string;
  readonly key: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
}

/** What `signRequest` returns: where the request goes, and with which headers. */
export interface SignedS3Request {
  url: string;
  key?: string;
  headers?: Record<string, string>;
}

/** How to upload. */
export interface ReelgateS3Settings {
  /**
   * With it, an upload goes on by itself where Uppy would stop because a part is in the bucket already: its answer was lost, or the
   * same file was chosen again after a reload. Without it, the user has to press "retry". It also tells when a small file has arrived,
   * so that nothing is kept of it.
   */
  uppy?: UppyEvents;
  /** Bytes of a part: 16 MiB. At least 5 MiB, as Uppy sends no smaller ones. */
  partSize?: number;
}

/** Options of `AwsS3`. Spread them to set others, such as `limit`; `shouldUseMultipart` may be replaced, the rest belongs together. */
export interface ReelgateS3Options {
  /** Files of more than one part are sent in parts, and go on after a reload; smaller ones are one request. */
  shouldUseMultipart: (file: UppyFileFacts) => boolean;
  getChunkSize: (file: { size: number }) => number;
  generateObjectKey: (file: UppyFileFacts) => string;
  signRequest: (request: S3Request) => Promise<SignedS3Request>;
}

/** The part of Uppy that is used. */
export interface UppyEvents {
  on(event: "upload-error", listener: (file: { readonly id: string } | undefined, error: { message: string }) => void): unknown;
  on(event: "upload-success", listener: (file: { readonly id: string } | undefined) => void): unknown;
  retryUpload(fileId: string): Promise<unknown>;
}

/** Options for Uppy's `AwsS3`: `uppy.use(AwsS3, reelgateS3(reelgate, { uppy }))`. The `key` of a finished file is its video's id. */
export function reelgateS3(reelgate: Reelgate, { uppy, partSize: wantedSize = PART_BYTES }: ReelgateS3Settings = {}): ReelgateS3Options {
  const files = new Map<string, UppyFileFacts>();
  const begunBefore = new Set<string>();
  const retries = new Map<string, number>();
  const partSize = (size: number): number => Math.max(wantedSize, MIN_PART_BYTES, Math.ceil(size / MAX_PARTS / MIB) * MIB);

  /** Start an upload, or find the one that this file was begun with before: then the server answers with the same. */
  async function start(key: string, how: { start: "server" } | { start: "parts"; part_size: number }) {
    const file = files.get(key);
    if (file === undefined) throw new ReelgateError("file_unreadable");
    const wanted = { filename: file.name ?? "video.mp4", size: file.size ?? 0, ...how };
    for (;;) {
      const before = remembered(key);
      const idempotencyKey = before ?? remember(key);
      try {
        const upload = await reelgate.request("POST", "/v1/uploads", { body: wanted, idempotencyKey });
        if (before !== undefined) begunBefore.add(upload.upload_id);
        return { wanted, idempotencyKey, upload };
      } catch (error) {
        const { code } = error as Partial<ReelgateError>;
        if (code !== "upload_finished" && code !== "idempotency_mismatch") throw error;
        forget(key); // that one has ended; this is another
      }
    }
  }

  uppy?.on("upload-error", (file, error) => {
    if (file === undefined || (error as { status?: unknown }).status !== 412) return;
    const count = (retries.get(file.id) ?? 0) + 1;
    retries.set(file.id, count);
    // After Uppy has settled what failed; it then lists the parts, so each time fewer are left.
    if (count <= MOST_RETRIES) setTimeout(() => void uppy.retryUpload(file.id).catch(() => undefined));
  });
  uppy?.on("upload-success", (file) => {
    if (file === undefined) return;
    forget(file.id);
    retries.delete(file.id);
  });

  return {
    shouldUseMultipart: (file) => (file.size ?? 0) > partSize(file.size ?? 0),
    getChunkSize: ({ size }) => partSize(size),
    generateObjectKey(file) {
      files.set(file.id, file);
      return file.id;
    },
    async signRequest({ method, key, uploadId, partNumber }) {
      if (uploadId !== undefined && partNumber !== undefined) {
        const body = { parts: [{ index: partNumber - 1 }] };
        const path = { upload_id: uploadId };
        if (begunBefore.delete(uploadId) && (await reelgate.uploads.get(uploadId)).parts?.received?.includes(partNumber - 1)) {
          throw new ReelgateError("part_received", { status: 412, detail: "A part of this file has arrived already. Try again to go on." });
        }
        const { parts } = await reelgate.request("POST", "/v1/uploads/{upload_id}/parts", { params: { path }, body, idempotent: true });
        return parts[0]!.request;
      }
      if (uploadId !== undefined) {
        if (method !== "GET") forget(key); // it ends
        return reelgate.transport.authorize(`/v1/s3/uploads/${encodeURIComponent(uploadId)}`);
      }
      if (method === "PUT") {
        const { upload } = await start(key, { start: "server" });
        return { url: upload.session_url!, key: upload.upload_id };
      }
      // Started here, so that a refusal is a sentence that Uppy shows; its own request finds the same upload.
      const { wanted, idempotencyKey } = await start(key, { start: "parts", part_size: partSize(files.get(key)?.size ?? 0) });
      const query = { filename: wanted.filename, size: String(wanted.size), part_size: String(partSize(wanted.size)) };
      const { url, headers } = await reelgate.transport.authorize(`/v1/s3/uploads?${new URLSearchParams(query)}`);
      return { url, headers: { ...headers, "Idempotency-Key": idempotencyKey } };
    },
  };
}

/** By which name an upload of this file was begun, in local storage: no secret, as only its owner can use it. */
const entry = (fileId: string): string => `reelgate:uppy:${digest(fileId)}`;
const forThisPage = new Map<string, string>();

/** A short name for a file's id, which has the file's name in it. Two that are alike cost an answer of `idempotency_mismatch`. */
function digest(text: string): string {
  let [high, low] = [0x811c9dc5, 0x9e3779b9];
  for (let at = 0; at < text.length; at += 1) {
    high = Math.imul(high ^ text.charCodeAt(at), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(at), 0x85ebca6b);
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

function remembered(fileId: string): string | undefined {
  try {
    return localStorage.getItem(entry(fileId)) ?? forThisPage.get(fileId);
  } catch {
    return forThisPage.get(fileId);
  }
}

function remember(fileId: string): string {
  const name = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  forThisPage.set(fileId, name);
  try {
    localStorage.setItem(entry(fileId), name);
  } catch {
    // Private windows and full stores: then it goes on within this page only.
  }
  return name;
}

function forget(fileId: string): void {
  forThisPage.delete(fileId);
  try {
    localStorage.removeItem(entry(fileId));
  } catch {
    // Nothing was kept.
  }
}
