/** What the steps of sending one file share. */
import type { Reelgate } from "../client/reelgate.js";
import type { UploadInfo } from "../client/types.js";
import type { FileChecksums } from "../checksums/file_checksums.js";
import type { BucketAnswer, BucketRequest } from "./bucket.js";
import { askBucket } from "./bucket.js";
import { Losses } from "./losses.js";

/** One run of an upload, until it ends or is paused. */
export interface Job {
  readonly reelgate: Reelgate;
  readonly file: File | Blob;
  readonly signal: AbortSignal;
  /** Null: bytes are not compared. */
  readonly checksums: FileChecksums | null;
  /** Told of the bytes that have arrived, and those that are on their way. */
  report(arrived: number, onTheirWay: number): void;
  /** Told of each loss. */
  lost(): void;
}

/** A count of what is lost in a row. */
export function lossesOf(job: Job): Losses {
  return new Losses(job.reelgate.pauses, job.signal, () => job.lost());
}

/** Send a request to the bucket. */
export function toBucket(job: Job, request: Omit<BucketRequest, "signal">, signal = job.signal): Promise<BucketAnswer> {
  return askBucket({ ...request, signal }, job.reelgate.fetcher);
}

/** Get the upload's URLs again. */
export function resumed(job: Job, id: string): Promise<UploadInfo> {
  return lossesOf(job).persist(() =>
    job.reelgate.request("POST", "/v1/uploads/{upload_id}/resume", {
      params: { path: { upload_id: id } },
      idempotent: true,
      signal: job.signal,
    }),
  );
}
