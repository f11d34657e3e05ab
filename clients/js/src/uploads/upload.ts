/** One file on its way to the store. */
import { asReelgateError, isAbort, ReelgateError } from "../client/errors.js";
import type { Reelgate } from "../client/reelgate.js";
import { wait } from "../client/waiting.js";

/** Where an upload is. `ready`, `failed` and `cancelled` are ends; from `paused` and `failed`, `resume()` goes on. */
export type UploadState = "waiting" | "checking" | "sending" | "paused" | "finishing" | "ready" | "failed" | "cancelled";

/** How to send a file. */
export interface UploadOptions {
  /** By default the file's own name. */
  filename?: string;
  /** What people call it. */
  title?: string | null;
  /** How many parts are sent at once: 4 for files over 32 MiB, otherwise 1, which is a session without parts. */
  parallel?: number;
  /** Bytes of a part; by default as the server divides it (16 MiB). */
  partSize?: number;
  /** Whether the bytes are compared by CRC32C. */
  checksum?: boolean;
  /** Go on with this upload, begun before or on another device. The file must be the same. */
  resumeId?: string;
  /** Whether the id of the upload is kept in local storage, so that it goes on after a reload. Nothing secret is kept. */
  remember?: boolean;
  /** Stops sending, as `pause()` does, for good: `done` is rejected with the code `aborted`. */
  signal?: AbortSignal;
}

const CHUNK = 8 * 1024 * 1024;

/** Events of an upload. */
export interface UploadEventMap {
  progress: Event;
  statechange: Event;
}

/** One file on its way to the store. Made by `reelgate.upload(file)`. */
export class Upload extends EventTarget {
  /** What is sent. */
  readonly file: File | Blob;
  /** The name that it gets in the store. */
  readonly filename: string;
  /** What it was started with. */
  readonly options: Readonly<UploadOptions>;
  /** The id of the upload, and later of the video; null until the server knows of it. */
  id: string | null = null;
  state: UploadState = "waiting";
  sentBytes = 0;
  readonly totalBytes: number;
  /** Of the last seconds, smoothed; 0 while nothing moves. */
  bytesPerSecond = 0;
  /** Null while nobody can tell. */
  secondsLeft: number | null = null;
  /** Why it failed. */
  error: ReelgateError | null = null;
  readonly #reelgate: Reelgate;
  #work: AbortController | null = null;
  #settle!: { resolve: (video: { videoId: string }) => void; reject: (error: ReelgateError) => void };
  #done!: Promise<{ videoId: string }>;

  constructor(reelgate: Reelgate, file: File | Blob, options: UploadOptions = {}) {
    super();
    this.#reelgate = reelgate;
    this.file = file;
    this.options = options;
    this.filename = options.filename ?? (file as Partial<File>).name ?? "video.mp4";
    this.totalBytes = file.size;
    this.#newPromise();
  }

  /** The video, once it is stored. Rejected with a ReelgateError when it fails; after `resume()` it is another promise. */
  get done(): Promise<{ videoId: string }> {
    return this.#done;
  }

  /** Begin. `reelgate.upload()` has done that already. */
  start(): void {
    if (this.state !== "waiting") return;
    this.#run();
  }

  /** Stop sending; what has arrived stays. */
  pause(): void {
    if (this.state !== "checking" && this.state !== "sending" && this.state !== "waiting") return;
    this.#work?.abort();
    this.#become("paused");
  }

  /** Go on, also after a failure. Only what has not arrived is sent. */
  resume(): void {
    if (this.state !== "paused" && this.state !== "failed") return;
    if (this.state === "failed") this.#newPromise();
    this.#run();
  }

  /** Give it up: name and bytes are free at once. */
  async cancel(): Promise<void> {
    if (this.state === "ready" || this.state === "cancelled") return;
    this.#work?.abort();
    this.#become("cancelled");
    this.#settle.reject(new ReelgateError("upload_cancelled"));
    if (this.id !== null) await this.#reelgate.uploads.cancel(this.id);
  }

  /** @internal Fail before the first byte, because it would not fit. */
  refuse(error: ReelgateError): void {
    if (this.state !== "waiting") return;
    this.error = error;
    this.#become("failed");
    this.#settle.reject(error);
  }

  #newPromise(): void {
    this.#done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#done.catch(() => undefined); // who does not look at it sees `state` and `error`
  }

  #become(state: UploadState): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }

  #run(): void {
    this.error = null;
    const work = new AbortController();
    this.#work = work;
    this.#become("checking");
    this.#send(work.signal).catch((failure: unknown) => {
      if (work.signal.aborted || isAbort(failure)) return;
      this.error = asReelgateError(failure);
      this.#become("failed");
      this.#settle.reject(this.error);
    });
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { filename, totalBytes: size } = this;
    const title = this.options.title ?? null;
    const upload =
      this.id === null
        ? await this.#reelgate.request("POST", "/v1/uploads", { body: { filename, size, title, start: "server" }, idempotencyKey: crypto.randomUUID(), signal })
        : await this.#reelgate.request("POST", "/v1/uploads/{upload_id}/resume", { params: { path: { upload_id: this.id } }, idempotent: true, signal });
    this.id = upload.upload_id;
    this.#become("sending");
    let offset = upload.received_bytes ?? 0;
    while (offset < size) {
      const end = Math.min(offset + CHUNK, size);
      const answer = await this.#reelgate.transport.fetch(upload.session_url!, {
        method: "PUT",
        headers: { "Content-Range": `bytes ${offset}-${end - 1}/${size}` },
        body: this.file.slice(offset, end),
        signal,
      });
      if (!answer.ok && answer.status !== 308) throw new ReelgateError("storage_unavailable", { status: answer.status });
      offset = answer.ok ? size : Number(answer.headers.get("Range")?.split("-")[1] ?? -1) + 1;
      this.sentBytes = offset;
      this.dispatchEvent(new Event("progress"));
    }
    this.#become("finishing");
    for (let now = await this.#reelgate.uploads.get(this.id, signal); ; now = await this.#reelgate.uploads.get(this.id, signal)) {
      if (now.state === "ready") break;
      if (now.state !== "open") throw new ReelgateError("upload_rejected", { hint: now.reason });
      await wait(500, signal);
    }
    this.#become("ready");
    this.#settle.resolve({ videoId: this.id });
  }
}
