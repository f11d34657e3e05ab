/** Sends a file to a resumable session, a chunk at a time, and never a byte that the bucket has kept. */
import { asReelgateError, ReelgateError } from "../client/errors.js";
import type { BucketAnswer } from "./bucket.js";
import { isDigestMismatch, isExpiredUrl, isPassingStatus, requireReadable } from "./bucket.js";
import { type Job, lossesOf, toBucket } from "./job.js";
import { bucketAway } from "./losses.js";

/** Sessions take multiples of it, but for the last chunk. */
const QUANTUM_BYTES = 256 * 1024;
const CHUNK_BYTES = 8 * 1024 * 1024;

/** A session and how to get another when it has ended. */
export interface SessionPlan {
  readonly url: string;
  /** Whether nothing can have been sent to it yet. */
  readonly fresh: boolean;
  /** Bytes of the next chunk; rounded up to what sessions take. */
  readonly chunkBytes: number | undefined;
  /** Told of each chunk before it is sent. */
  onChunk?(offset: number): void;
  /** Told what the session has after a chunk, and by which status it said so. */
  onKept?(kept: number, status: number): void;
  /** The URL of a session of the same upload; null if that is settled meanwhile. */
  renew(): Promise<string | null>;
}

/** Send what has not arrived. Returns once the bucket has all of it, or the upload has been settled by somebody else. */
export async function sendSession(job: Job, plan: SessionPlan): Promise<void> {
  const { file } = job;
  const losses = lossesOf(job);
  let url: string | null = plan.url;
  let offset: number | null = plan.fresh ? 0 : null; // null: ask before going on
  let arrived = 0;
  let damaged = false;
  while (url !== null) {
    const asking: boolean = offset === null || offset >= file.size;
    let answer: BucketAnswer;
    try {
      answer = asking ? await ask(job, url) : await sendChunk(job, plan, url, offset ?? 0);
    } catch (failure) {
      const error = asReelgateError(failure);
      if (error.code === "network" && !asking) await requireReadable(file);
      await losses.after(error);
      offset = null;
      continue;
    }
    if (answer.status === 200 || answer.status === 201) {
      if (!asking) plan.onKept?.(file.size, answer.status);
      return job.report(file.size, 0);
    }
    if (answer.status === 412 || answer.status === 499) return; // completed, cancelled or expired: its state says which
    if (answer.status === 308) {
      offset = keptBytes(answer);
      if (!asking) plan.onKept?.(offset, answer.status);
      job.report(offset, 0);
      if (offset > arrived) losses.progressed();
      else if (!asking || offset >= file.size) await losses.afterAnswer(answer); // nothing was kept: not at full speed for ever
      arrived = offset;
    } else if (isPassingStatus(answer.status)) {
      await losses.afterAnswer(answer);
      offset = null;
    } else if (answer.status === 400 && !asking && !isExpiredUrl(answer) && !isDigestMismatch(answer)) {
      await losses.afterAnswer(answer); // the chunk does not fit: the session knows what would, if it lives
      offset = null;
    } else if (isExpiredUrl(answer) || answer.status === 400 || answer.status === 404 || answer.status === 410) {
      if (isDigestMismatch(answer)) {
        if (damaged) throw new ReelgateError("checksum_mismatch", { status: answer.status, hint: answer.text.slice(0, 300) });
        damaged = true; // once may have happened on the way
      }
      await losses.afterAnswer(answer);
      url = await plan.renew();
      offset = null;
      arrived = 0;
    } else throw bucketAway(answer);
  }
}

function ask(job: Job, url: string): Promise<BucketAnswer> {
  return toBucket(job, { url, headers: { "Content-Range": `bytes */${job.file.size}` } });
}

function sendChunk(job: Job, plan: SessionPlan, url: string, offset: number): Promise<BucketAnswer> {
  const bytes = Math.max(1, Math.ceil((plan.chunkBytes ?? CHUNK_BYTES) / QUANTUM_BYTES)) * QUANTUM_BYTES;
  const end = Math.min(offset + bytes, job.file.size);
  plan.onChunk?.(offset);
  return toBucket(job, {
    url,
    headers: { "Content-Range": `bytes ${offset}-${end - 1}/${job.file.size}` },
    body: job.file.slice(offset, end),
    onProgress: (sent) => job.report(offset, Math.min(sent, end - offset)),
  });
}

/** Without `Range` nothing was kept. */
function keptBytes(answer: BucketAnswer): number {
  const range = /^bytes=0-(\d+)$/.exec(answer.header("Range") ?? "");
  return range === null ? 0 : Number(range[1]) + 1;
}

/** Open a session by the signed request of an upload that some other client has begun. */
export async function openSession(job: Job, request: { method: string; url: string; headers: Record<string, string> }): Promise<string> {
  const losses = lossesOf(job);
  for (;;) {
    const failed = await toBucket(job, request).then(
      (answer) => {
        const location = answer.status < 300 ? answer.header("Location") : null;
        return location === null ? bucketAway(answer) : location;
      },
      (failure: unknown) => asReelgateError(failure),
    );
    if (typeof failed === "string") return failed;
    if (failed.status !== null && !isPassingStatus(failed.status)) throw failed;
    await losses.after(failed);
  }
}
