/** Finds the upload of a file, or starts it. */
import { asReelgateError, ReelgateError } from "../client/errors.js";
import { pages } from "../client/pages.js";
import type { Schema, UploadInfo } from "../client/types.js";
import { crc32cBase64 } from "../checksums/crc32c.js";
import { type Job, lossesOf } from "./job.js";

/** Up to this size a file is hashed before it is sent, so that the bucket itself compares. Larger ones are sent in parts. */
export const SMALL_BYTES = 32 * 1024 * 1024;

/** What is to be started. */
export interface NewFile {
  readonly filename: string;
  readonly title: string | null;
  /** Empty: what the ending of the name stands for. */
  readonly contentType: string;
  /** More than one: in parts. */
  readonly parallel: number;
  readonly partBytes: number | undefined;
  /** Names the intention, so that a lost answer does not start two. */
  readonly key: string;
}

/** Start an upload, or find the own one that holds the name already: one that was begun on another device, or before a crash. */
export async function create(job: Job, wanted: NewFile): Promise<{ info: UploadInfo; fresh: boolean }> {
  try {
    return { info: await lossesOf(job).persist(() => start(job, wanted)), fresh: true };
  } catch (failure) {
    if (asReelgateError(failure).code !== "name_taken") throw failure;
    const own = await openUploadNamed(job, wanted.filename);
    if (own === null) throw failure;
    return { info: own, fresh: false };
  }
}

/** Start an upload; with a key that was used before, the same one. */
export async function start(job: Job, wanted: NewFile): Promise<UploadInfo> {
  const { checksums, file, reelgate, signal } = job;
  const inParts = wanted.parallel > 1;
  const body: Schema<"NewUpload"> = { filename: wanted.filename, size: file.size, start: inParts ? "parts" : "server" };
  if (wanted.contentType !== "") body.content_type = wanted.contentType;
  if (wanted.title !== null) body.title = wanted.title;
  if (inParts && wanted.partBytes !== undefined) body.part_size = wanted.partBytes;
  if (checksums !== null && !inParts && file.size <= SMALL_BYTES) body.crc32c = crc32cBase64(await checksums.of(0, file.size, signal));
  return reelgate.request("POST", "/v1/uploads", { body, idempotencyKey: wanted.key, signal });
}

async function openUploadNamed(job: Job, filename: string): Promise<UploadInfo | null> {
  const wanted = filename.normalize("NFC");
  const all = pages((cursor) => lossesOf(job).persist(() => job.reelgate.uploads.list({ cursor, limit: 100 }, job.signal)));
  for await (const upload of all) {
    if (upload.filename.normalize("NFC") === wanted && upload.size === job.file.size) return find(job, upload.upload_id);
  }
  return null;
}

/** Show an upload, with what has arrived. Throws `upload_not_found`. */
export function find(job: Job, id: string): Promise<UploadInfo> {
  return lossesOf(job).persist(() => job.reelgate.uploads.get(id, job.signal));
}

/** Throws `file_changed` unless the file can be the one that the upload was begun with. */
export function requireSame(info: UploadInfo, file: File | Blob, filename: string): void {
  const named = (file as Partial<File>).name !== undefined;
  const differs = info.size !== file.size || (named && info.filename.normalize("NFC") !== filename.normalize("NFC"));
  if (differs) throw new ReelgateError("file_changed", { hint: `The upload is of ${info.filename}, ${info.size} bytes.` });
}
