/** One file on its way to the store. */
import { asReelgateError, ReelgateError } from "../client/errors.js";
import type { Reelgate } from "../client/reelgate.js";
import { Run } from "./run.js";
import { Speedometer } from "./speed.js";

/** Where an upload is. `ready` and `cancelled` are ends; from `paused` and `failed`, `resume()` goes on. */
export type UploadState = "waiting" | "checking" | "sending" | "paused" | "finishing" | "ready" | "failed" | "cancelled";

/** How to send a file. */
export interface UploadOptions {
  /** By default the file's own name. */
  filename?: string;
  /** What people call it. */
  title?: string | null;
  /** How many parts are sent at once: by default 4 for files over 32 MiB, otherwise 1, which is a session without parts. */
  parallel?: number;
  /** Bytes of a part; by default as the server divides it (16 MiB). */
  partSize?: number;
  /** Bytes of a chunk of a session, a multiple of 256 KiB: 8 MiB. */
  chunkSize?: number;
  /** Whether the bytes are compared by CRC32C: true, unless you know better. */
  checksum?: boolean;
  /** Go on with this upload, begun before or on another device. The file must be the same (`file_changed` otherwise). */
  resumeId?: string;
  /** Whether the upload's id is kept in local storage, so that it goes on after a reload: true. Nothing secret is kept. */
  remember?: boolean;
  /** Ends it with the code `aborted`. What has arrived stays, and `resume()` goes on; `cancel()` gives it up. */
  signal?: AbortSignal;
}

/** At most ten times a second is often enough for any display. */
const EVENTS_MILLISECONDS = 100;

/**
 * One file on its way to the store, made by `reelgate.upload(file)`. Events: `statechange`, and `progress` up to ten times a second.
 */
export class Upload extends EventTarget {
  /** What is sent. */
  readonly file: File | Blob;
  /** The name that it gets in the store. */
  readonly filename: string;
  /** What it was started with. */
  readonly options: Readonly<UploadOptions>;
  /** Bytes of the file. */
  readonly totalBytes: number;
  /** The id of the upload, and later of the video; null until the server knows of it. */
  id: string | null;
  /** Where it is. */
  state: UploadState = "waiting";
  /** Bytes that have arrived, and those that are on their way. It may shrink after a loss. */
  sentBytes = 0;
  /** Of the last seconds; 0 while nothing moves. */
  bytesPerSecond = 0;
  /** Null while nobody can tell. */
  secondsLeft: number | null = null;
  /** Why it failed; null unless it has. */
  error: ReelgateError | null = null;
  readonly #reelgate: Reelgate;
  readonly #run: Run;
  readonly #speed = new Speedometer();
  #work: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  #lastEvent = 0;
  /** Who was signed in when it began. */
  #owner: string | undefined;
  #settle!: { resolve: (video: { videoId: string }) => void; reject: (error: ReelgateError) => void };
  #done!: Promise<{ videoId: string }>;

  constructor(reelgate: Reelgate, file: File | Blob, options: UploadOptions = {}) {
    super();
    this.#reelgate = reelgate;
    this.file = file;
    this.options = options;
    this.filename = options.filename ?? ((file as Partial<File>).name || "video");
    this.totalBytes = file.size;
    this.id = options.resumeId ?? null;
    this.#run = new Run(reelgate, this);
    this.#newPromise();
  }

  /** The video, once it is stored. Rejected with a ReelgateError when it fails; after `resume()` it is another promise. */
  get done(): Promise<{ videoId: string }> {
    return this.#done;
  }

  /** Begin. `reelgate.upload()` and queues do that. */
  start(): void {
    if (this.state === "waiting") this.#go();
  }

  /** Stop sending; what has arrived stays. Once all bytes are sent, there is nothing to pause. */
  pause(): void {
    if (this.state !== "waiting" && this.state !== "checking" && this.state !== "sending") return;
    this.#work?.abort();
    this.#become("paused");
  }

  /** Go on, also after a failure. Only what has not arrived is sent. */
  resume(): void {
    if (this.state !== "paused" && this.state !== "failed") return;
    if (this.state === "failed") this.#newPromise();
    this.#go();
  }

  /**
   * After `file_changed`: cancel what was begun with another file, and send this one from the start. Throws if the server could not be
   * told; then it is as before.
   */
  async discard(): Promise<void> {
    await this.#running;
    if (this.state !== "failed") return;
    await this.#run.discard();
    if (this.state === "failed") this.resume();
  }

  /**
   * Give it up: name and bytes are free at once. If it has just become a video, that goes to the trash. Throws if the server could
   * not be told; it then keeps them for a week at most.
   */
  async cancel(): Promise<void> {
    if (this.state === "ready" || this.state === "cancelled") return;
    this.#work?.abort();
    this.#become("cancelled");
    this.#settle.reject(new ReelgateError("upload_cancelled"));
    await this.#running;
    await this.#run.giveUp();
  }

  /** @internal Whether this page or an earlier one has begun it, as far as this device knows. */
  get isBegun(): boolean {
    return this.id !== null || this.#run.recall() !== null;
  }

  /** @internal Fail before the first byte, because it would not fit. */
  refuse(error: ReelgateError): void {
    if (this.state === "waiting") this.#fail(error);
  }

  /** @internal Wait for its turn again. */
  requeue(): void {
    if (this.state !== "paused" && this.state !== "failed") return;
    if (this.state === "failed") this.#newPromise();
    this.error = null;
    this.#become("waiting");
  }

  /** @internal */
  entered(state: "sending" | "finishing"): void {
    if (this.state !== state) this.#become(state);
  }

  /** @internal */
  report(arrived: number, onTheirWay: number): void {
    const now = Date.now();
    this.sentBytes = Math.min(arrived + onTheirWay, this.totalBytes);
    this.#speed.note(this.sentBytes, now);
    if (now - this.#lastEvent < EVENTS_MILLISECONDS && now >= this.#lastEvent && this.sentBytes < this.totalBytes) return;
    this.#lastEvent = now;
    this.#showSpeed();
  }

  /** @internal */
  lost(): void {
    this.#speed.reset();
    this.#showSpeed();
  }

  #showSpeed(): void {
    const speed = this.#speed.bytesPerSecond;
    this.bytesPerSecond = speed;
    this.secondsLeft = speed > 0 ? Math.ceil((this.totalBytes - this.sentBytes) / speed) : null;
    this.dispatchEvent(new Event("progress"));
  }

  #newPromise(): void {
    this.#done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#done.catch(() => undefined); // who does not look at it sees `state` and `error`
  }

  #become(state: UploadState): void {
    this.state = state;
    if (state !== "sending") {
      this.#speed.reset();
      this.bytesPerSecond = 0;
      this.secondsLeft = null;
    }
    this.dispatchEvent(new Event("statechange"));
  }

  #fail(error: ReelgateError): void {
    this.error = error;
    this.#become("failed");
    this.#settle.reject(error);
  }

  #go(): void {
    const { signal } = this.options;
    const { auth } = this.#reelgate;
    const work = new AbortController();
    this.#work = work;
    this.error = null;
    if (signal?.aborted) return this.#fail(new ReelgateError("aborted", { cause: signal.reason }));
    if (this.#owner !== undefined && auth.session !== null && auth.session.userId !== this.#owner) return this.#fail(new ReelgateError("other_user"));
    const end = (error: ReelgateError): void => {
      if (work.signal.aborted) return; // paused, cancelled, or ended before
      work.abort();
      this.#fail(error);
    };
    const stop = (): void => end(new ReelgateError("aborted", { cause: signal?.reason }));
    signal?.addEventListener("abort", stop, { once: true });
    // Sessions take bytes without a token: somebody who signs out does not expect that to go on.
    const user = auth.session?.userId;
    this.#owner ??= user;
    const ignore = auth.onChange((session) => {
      if (session?.userId !== user) end(new ReelgateError("signed_out"));
    });
    this.#become("checking");
    this.#running = this.#sent(this.#running, work.signal, end).finally(() => {
      signal?.removeEventListener("abort", stop);
      ignore();
    });
  }

  async #sent(before: Promise<void>, signal: AbortSignal, end: (error: ReelgateError) => void): Promise<void> {
    await before; // a run that was paused holds the upload until it has ended
    try {
      const videoId = signal.aborted ? "" : await this.#run.send(signal);
      if (signal.aborted) return;
      this.sentBytes = this.totalBytes;
      this.#become("ready");
      this.#settle.resolve({ videoId });
    } catch (failure) {
      end(asReelgateError(failure));
    }
  }
}
