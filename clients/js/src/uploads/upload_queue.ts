/** Many files, some at a time. */
import { ReelgateError } from "../client/errors.js";
import { pages } from "../client/pages.js";
import type { Reelgate } from "../client/reelgate.js";
import type { CheckedSizes } from "../client/types.js";
import { Upload, type UploadOptions } from "./upload.js";

/** How a queue sends. */
export interface UploadQueueOptions {
  /** How many files are sent at once: 2. */
  concurrent?: number;
  /** For every file. */
  upload?: UploadOptions;
}

/** The API checks that many files in one request. */
const MOST_CHECKED = 1000;

/**
 * Many files, some at a time, in their order; one failure does not stop the others. Events: `change` when `items` or a state in it
 * changes, and `progress`.
 */
export class UploadQueue extends EventTarget {
  readonly #items: Upload[] = [];
  readonly #reelgate: Reelgate;
  readonly #concurrent: number;
  readonly #options: UploadOptions;
  #held = false;

  constructor(reelgate: Reelgate, options: UploadQueueOptions = {}) {
    super();
    this.#reelgate = reelgate;
    this.#concurrent = Math.max(1, options.concurrent ?? 2);
    this.#options = options.upload ?? {};
    let user = reelgate.auth.session?.userId;
    reelgate.auth.onChange((session) => {
      if (session === null) return;
      const isTheSame = user === undefined || user === session.userId;
      user = session.userId;
      // Files of one user are not sent for the next who signs in at this computer.
      if (isTheSame) for (const upload of this.#items) if (upload.error?.code === "signed_out") upload.requeue();
    });
  }

  /** All files, in their order, until they are removed. */
  get items(): readonly Upload[] {
    return this.#items;
  }

  /** Add files. Each begins as soon as it is its turn. */
  add(files: Iterable<File | Blob>, options: UploadOptions = {}): Upload[] {
    const added = Array.from(files, (file) => new Upload(this.#reelgate, file, { ...this.#options, ...options }));
    for (const upload of added) {
      upload.addEventListener("statechange", () => this.#next());
      upload.addEventListener("progress", () => this.dispatchEvent(new Event("progress")));
    }
    this.#items.push(...added);
    this.#next();
    return added;
  }

  /**
   * Ask in one request which of the files that wait would fit, each after those before it, and fail those that would not, with a
   * sentence that says why. Null if none waits. To check before the first byte: `pause()`, `add()`, `check()`, `resume()`.
   *
   * A file that was begun before has its room already, which the answer does not know: it is not failed. Going on with it decides.
   */
  async check(): Promise<CheckedSizes | null> {
    const waiting = this.#items.filter((upload) => upload.state === "waiting").slice(0, MOST_CHECKED);
    if (waiting.length === 0) return null;
    const checked = await this.#reelgate.uploads.check(waiting.map((upload) => upload.totalBytes));
    const refused = waiting.filter((upload, index) => !checked.items[index]!.allowed && !upload.isBegun);
    const begun = refused.length === 0 ? new Set() : await this.#openUploads();
    checked.items.forEach((item, index) => {
      const upload = waiting[index]!;
      if (!refused.includes(upload) || begun.has(nameAndSize(upload.filename, upload.totalBytes))) return;
      upload.refuse(new ReelgateError(item.code ?? "storage_limit_exceeded", { detail: item.detail }));
    });
    return checked;
  }

  /** Names and sizes of what was begun, on whatever device. */
  async #openUploads(): Promise<Set<string>> {
    const found = new Set<string>();
    for await (const { filename, size } of pages((cursor) => this.#reelgate.uploads.list({ cursor, limit: 100 }))) found.add(nameAndSize(filename, size));
    return found;
  }

  /** Begin no more files, and pause those that are being sent. */
  pause(): void {
    this.#held = true;
    for (const upload of this.#items) if (upload.state !== "waiting") upload.pause();
    this.#next();
  }

  /** Go on, each file when it is its turn. */
  resume(): void {
    this.#held = false;
    for (const upload of this.#items) if (upload.state === "paused") upload.requeue();
    this.#next();
  }

  /** Send again what has failed, when it is its turn. */
  retry(): void {
    for (const upload of this.#items) if (upload.state === "failed") upload.requeue();
    this.#next();
  }

  /** Take a file out of the list. One that is not stored yet is cancelled. */
  async remove(upload: Upload): Promise<void> {
    const at = this.#items.indexOf(upload);
    if (at < 0) return;
    this.#items.splice(at, 1);
    this.dispatchEvent(new Event("change"));
    await upload.cancel();
    this.#next();
  }

  #next(): void {
    while (!this.#held) {
      const running = this.#items.filter((upload) => upload.state === "checking" || upload.state === "sending").length;
      const next = this.#items.find((upload) => upload.state === "waiting");
      if (next === undefined || running >= this.#concurrent) break;
      next.start(); // tells of it, and so comes here again: count anew after each
    }
    this.dispatchEvent(new Event("change"));
  }
}

function nameAndSize(filename: string, size: number): string {
  return `${size}:${filename.normalize("NFC")}`;
}
