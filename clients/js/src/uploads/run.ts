/** The steps of sending one file: find or start the upload, send what is missing, have it checked. */
import { asReelgateError, ReelgateError } from "../client/errors.js";
import { newKey } from "../client/idempotency.js";
import type { Reelgate } from "../client/reelgate.js";
import type { UploadInfo } from "../client/types.js";
import { combineCrc32c } from "../checksums/crc32c.js";
import { FileChecksums } from "../checksums/file_checksums.js";
import { create, find, type NewFile, requireSame, SMALL_BYTES, start } from "./begin.js";
import { finish, settled } from "./finish.js";
import { type Job, resumed } from "./job.js";
import { placeOf, recall, remember } from "./memory.js";
import { PartsSender } from "./parts_sender.js";
import { openSession, sendSession } from "./session_sender.js";
import type { Upload } from "./upload.js";

/** How often the store may find that something is missing that was sent. */
const MOST_ROUNDS = 5;
const PARALLEL = 4;
/** The upload is over; trying again means another one. */
const ENDED = new Set(["upload_rejected", "upload_cancelled", "upload_expired"]);

/** Sends one file; the same object goes on after a pause or a failure. */
export class Run {
  readonly #reelgate: Reelgate;
  readonly #upload: Upload;
  readonly #checksums: FileChecksums | null;
  #key = newKey();
  /** As it was when the file was first looked for: signing out does not change whose it is. */
  #place: string | null | undefined;
  /** Whether the server may know of the upload although this page has not heard of its id. */
  #asked = false;
  /** Whether bytes may have been sent by another page, device or run. */
  #continued: boolean;
  #ownSession: string | null = null;

  constructor(reelgate: Reelgate, upload: Upload) {
    this.#reelgate = reelgate;
    this.#upload = upload;
    this.#checksums = upload.options.checksum === false ? null : new FileChecksums(upload.file, reelgate.workerUrl);
    this.#continued = upload.id !== null;
  }

  /** Send what is missing. The id of the video. Throws ReelgateError. */
  async send(signal: AbortSignal): Promise<string> {
    const upload = this.#upload;
    const job: Job = {
      reelgate: this.#reelgate,
      file: upload.file,
      signal,
      checksums: this.#checksums,
      report: (arrived, onTheirWay) => signal.aborted || upload.report(arrived, onTheirWay),
      lost: () => signal.aborted || upload.lost(),
    };
    if (upload.file.size === 0) throw new ReelgateError("file_empty");
    const begun = await this.#begin(job);
    const id = begun.info.upload_id;
    return whileAlone(id, signal, () => this.#sendAndFinish(job, begun.info, begun.fresh));
  }

  /** The id that an earlier page has left for this file. */
  recall(): string | null {
    return this.#upload.options.remember === false ? null : recall(this.#placeOf());
  }

  /** Tell the server that it is given up. */
  async giveUp(): Promise<void> {
    this.#remember(null);
    let { id } = this.#upload;
    if (id === null && this.#asked) id = await this.#idOfLostAnswer();
    if (id === null) return;
    try {
      await this.#reelgate.uploads.cancel(id);
    } catch (failure) {
      const { code } = asReelgateError(failure);
      if (code === "upload_finished") await this.#reelgate.videos.delete(id);
      else if (code !== "upload_not_found") throw failure;
    }
  }

  /** Cancel what was begun, which is of another file: the next run starts another upload. A video that it has become stays. */
  async discard(): Promise<void> {
    const { id } = this.#upload;
    if (id === null) return;
    try {
      await this.#reelgate.uploads.cancel(id);
    } catch (failure) {
      const { code } = asReelgateError(failure);
      if (code !== "upload_finished" && code !== "upload_not_found") throw failure;
    }
    if (this.#upload.id === id) this.#forget(); // else another call was faster
  }

  /** The upload that belongs to this file; a new one if there is none. */
  async #begin(job: Job): Promise<{ info: UploadInfo; fresh: boolean }> {
    const upload = this.#upload;
    if (upload.id !== null) {
      const info = await find(job, upload.id);
      requireSame(info, upload.file, upload.filename);
      return { info, fresh: false };
    }
    const recalled = this.recall();
    if (recalled !== null) {
      const info = await this.#recalled(job, recalled);
      if (info !== null) return this.#found({ info, fresh: false });
      this.#remember(null);
    }
    this.#asked = true;
    try {
      return this.#found(await create(job, this.#wanted()));
    } catch (failure) {
      if (asReelgateError(failure).code !== "upload_finished") throw failure;
      this.#key = newKey(); // what this key had started has been cancelled or has expired meanwhile
      return this.#found(await create(job, this.#wanted()));
    }
  }

  async #recalled(job: Job, id: string): Promise<UploadInfo | null> {
    try {
      const info = await find(job, id);
      requireSame(info, this.#upload.file, this.#upload.filename);
      const usable = info.state === "open" || (info.state === "ready" && info.video_id !== null);
      return usable ? info : null;
    } catch (failure) {
      const { code } = asReelgateError(failure);
      if (code === "upload_not_found" || code === "file_changed") return null;
      throw failure;
    }
  }

  #found(begun: { info: UploadInfo; fresh: boolean }): { info: UploadInfo; fresh: boolean } {
    this.#upload.id = begun.info.upload_id;
    this.#continued ||= !begun.fresh;
    this.#remember(begun.info.upload_id);
    return begun;
  }

  async #sendAndFinish(job: Job, begun: UploadInfo, isFresh: boolean): Promise<string> {
    let [info, fresh] = [begun, isFresh];
    try {
      for (let round = 0; info.state === "open"; round += 1) {
        if (round >= MOST_ROUNDS) throw new ReelgateError("storage_unavailable", { hint: "What was sent is not kept." });
        const whole = this.#wholeChecksum(job, info);
        whole.catch(() => undefined); // looked at below
        this.#upload.entered("sending");
        await this.#sendMissing(job, info, fresh);
        const crc = await whole;
        this.#upload.entered("finishing");
        const ended = await finish(job, info.upload_id, crc);
        [info, fresh] = [ended ?? (await find(job, info.upload_id)), false];
      }
      settled(info);
    } catch (failure) {
      throw await this.#explained(job, info.upload_id, failure);
    }
    this.#remember(null);
    return info.upload_id;
  }

  async #sendMissing(job: Job, info: UploadInfo, fresh: boolean): Promise<void> {
    const id = info.upload_id;
    try {
      if (info.parts !== null) {
        const { size, received } = info.parts;
        if (size === null) throw new ReelgateError("upload_is_chunked");
        const parallel = Math.max(1, this.#upload.options.parallel ?? PARALLEL);
        await new PartsSender(job, { id, partBytes: size, received: new Set(received), parallel }).send();
        return;
      }
      const url = (fresh ? info.session_url : null) ?? (await this.#session(job, id));
      await sendSession(job, { url, fresh, chunkBytes: this.#upload.options.chunkSize, renew: () => this.#session(job, id, true) });
    } catch (failure) {
      const { code } = asReelgateError(failure);
      if (code !== "upload_finished" && code !== "upload_sealed") throw failure; // settled by somebody else: see how it ended
    }
  }

  async #session(job: Job, id: string, lost = false): Promise<string> {
    const info = await resumed(job, id);
    if (info.session_url !== null) return info.session_url;
    if (info.request === null) throw new ReelgateError("upload_is_chunked");
    if (lost) this.#ownSession = null;
    return (this.#ownSession ??= await openSession(job, info.request));
  }

  /** The checksum of the whole file; null if it is not compared, or the bucket has it already. Parts are hashed one by one. */
  async #wholeChecksum(job: Job, info: UploadInfo): Promise<number | null> {
    const { size } = job.file;
    if (job.checksums === null) return null;
    const step = info.parts?.size ?? (size > SMALL_BYTES ? SMALL_BYTES : size);
    let crc = 0;
    for (let at = 0; at < size; at += step) {
      const end = Math.min(at + step, size);
      crc = combineCrc32c(crc, await job.checksums.of(at, end, job.signal), end - at);
    }
    return crc;
  }

  /** What a difference means: of a file that was begun before, that this is another one. */
  async #explained(job: Job, id: string, failure: unknown): Promise<unknown> {
    const error = asReelgateError(failure);
    if (ENDED.has(error.code)) this.#forget();
    if (error.code !== "chunk_differs" && error.code !== "checksum_mismatch") return failure;
    const facts = { status: error.status, hint: error.hint, requestId: error.requestId, problem: error.problem, cause: error };
    const explained = new ReelgateError(this.#continued ? "file_changed" : "checksum_mismatch", facts);
    if (error.code === "chunk_differs") await this.#removeDamaged(job, id);
    return explained;
  }

  /** A file that arrived otherwise than it was read has become a video, or will not become one: it goes to the trash, or is cancelled. */
  async #removeDamaged(job: Job, id: string): Promise<void> {
    try {
      const info = await find(job, id);
      if (info.state === "ready" && info.video_id !== null) await this.#reelgate.videos.delete(id);
      else if (info.state === "open" && info.parts === null) await this.#reelgate.uploads.cancel(id);
      else if (this.#continued) return this.#remember(null); // the parts may be of the right file: its owner may still choose that
      else await this.#reelgate.uploads.cancel(id);
      this.#forget();
    } catch {
      // the error that is being explained matters more
    }
  }

  /** The next run starts another upload. */
  #forget(): void {
    this.#remember(null);
    this.#upload.id = null;
    this.#key = newKey();
    this.#asked = this.#continued = false;
  }

  /** Whether an upload was started whose answer nobody has heard: the same request again tells its id. */
  async #idOfLostAnswer(): Promise<string | null> {
    const { file } = this.#upload;
    const signal = new AbortController().signal;
    const job: Job = { reelgate: this.#reelgate, file, signal, checksums: this.#checksums, report: () => undefined, lost: () => undefined };
    try {
      return (await start(job, this.#wanted())).upload_id;
    } catch (failure) {
      if (asReelgateError(failure).status === null) throw failure;
      return null; // refused: there is none
    }
  }

  #wanted(): NewFile {
    const { file, filename, options } = this.#upload;
    const parallel = options.parallel ?? (file.size > SMALL_BYTES ? PARALLEL : 1);
    const contentType = /\.[^.]+$/.test(filename) ? "" : file.type; // otherwise the ending says it
    return { contentType, filename, title: options.title ?? null, parallel, partBytes: options.partSize, key: this.#key };
  }

  #placeOf(): string | null {
    return (this.#place ??= placeOf(this.#reelgate.auth.session?.userId ?? null, this.#upload.file));
  }

  #remember(id: string | null): void {
    if (this.#upload.options.remember !== false) remember(this.#placeOf(), id);
  }
}

/** Two tabs must not send the same file: each would undo what the other has begun. Throws `upload_elsewhere`. */
async function whileAlone<T>(id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === "object" ? (navigator.locks as LockManager | undefined) : undefined;
  if (locks === undefined) return work();
  return locks.request(`reelgate:upload:${id}`, { ifAvailable: true }, (lock) => {
    if (lock === null) throw new ReelgateError(signal.aborted ? "aborted" : "upload_elsewhere");
    return work();
  }) as Promise<T>;
}
