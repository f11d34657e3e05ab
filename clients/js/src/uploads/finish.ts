/** Ends an upload whose bytes have been sent, and learns what has become of it. */
import { asReelgateError, ReelgateError } from "../client/errors.js";
import type { UploadInfo } from "../client/types.js";
import { isPassing, wait } from "../client/waiting.js";
import { crc32cBase64 } from "../checksums/crc32c.js";
import { find } from "./begin.js";
import { type Job, lossesOf } from "./job.js";

/** The first pauses between two looks are short, the last a quarter of a minute: about ten minutes in all. */
const LOOKS = 45;

/**
 * Have the store join and check what was sent. The upload as it ended; null if something is missing all the same.
 * Throws `chunk_differs` if the bytes are others than those of the checksum.
 */
export async function finish(job: Job, id: string, crc: number | null): Promise<UploadInfo | null> {
  const { reelgate, signal } = job;
  const losses = lossesOf(job);
  for (let look = 0; ; look += 1) {
    try {
      const body = crc === null ? {} : { crc32c: crc32cBase64(crc) };
      const params = { path: { upload_id: id } };
      return await reelgate.request("POST", "/v1/uploads/{upload_id}/complete", { params, body, idempotent: true, signal });
    } catch (failure) {
      const error = asReelgateError(failure);
      if (error.code === "chunks_missing") return null;
      if (error.code === "upload_incomplete") {
        const info = await find(job, id);
        if (info.state !== "open") return info;
        if (info.received_bytes !== null && info.received_bytes < job.file.size) return null;
        if (look >= LOOKS) throw error;
      } else if (error.code === "upload_finished" || error.code === "upload_sealed") {
        return outcome(job, id);
      } else if (isPassing(error)) {
        await losses.after(error);
        continue;
      } else throw error;
    }
    await wait(reelgate.pauses.before(look / 3, 15), signal);
  }
}

/** Wait until an upload is settled, looking more and more rarely. */
async function outcome(job: Job, id: string): Promise<UploadInfo> {
  for (let look = 0; ; look += 1) {
    const info = await find(job, id);
    if (info.state !== "open") return info;
    if (look >= LOOKS) throw new ReelgateError("unavailable", { hint: "The bucket's report of the file is late." });
    await wait(job.reelgate.pauses.before(look / 3, 15), job.signal);
  }
}

/** Throws what has become of an upload that is no video, with the server's reason as a hint. */
export function settled(info: UploadInfo): void {
  if (info.state === "ready") return;
  throw new ReelgateError(info.state === "open" ? "unavailable" : `upload_${info.state}`, { hint: info.reason });
}
