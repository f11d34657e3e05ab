/** Many files, some at a time. */
import { ReelgateError } from "../client/errors.js";
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

/** Many files, some at a time; one failure does not stop the others. Event `change`: something in `items` changed. */
export class UploadQueue extends EventTarget {
  readonly items: Upload[] = [];
  readonly #reelgate: Reelgate;
  readonly #concurrent: number;
  readonly #options: UploadOptions;

  constructor(reelgate: Reelgate, options: UploadQueueOptions = {}) {
    super();
    this.#reelgate = reelgate;
    this.#concurrent = options.concurrent ?? 2;
    this.#options = options.upload ?? {};
  }

  /** Add files; they begin as soon as it is their turn. */
  add(files: Iterable<File | Blob>, options: UploadOptions = {}): Upload[] {
    const added = Array.from(files, (file) => new Upload(this.#reelgate, file, { ...this.#options, ...options }));
    for (const upload of added) {
      upload.addEventListener("statechange", () => this.#next());
      upload.addEventListener("progress", () => this.dispatchEvent(new Event("progress")));
    }
    this.items.push(...added);
    this.#next();
    return added;
  }

  /** Ask in one request whether all files that wait would fit, and mark those that do not as failed. */
  async check(): Promise<CheckedSizes | null> {
    const waiting = this.items.filter((upload) => upload.state === "waiting");
    if (waiting.length === 0) return null;
    const checked = await this.#reelgate.uploads.check(waiting.map((upload) => upload.totalBytes));
    checked.items.forEach((item, index) => {
      if (!item.allowed) waiting[index]!.refuse(new ReelgateError(item.code ?? "storage_limit_exceeded", { detail: item.detail }));
    });
    return checked;
  }

  #next(): void {
    const running = this.items.filter((upload) => upload.state === "checking" || upload.state === "sending" || upload.state === "finishing").length;
    const waiting = this.items.filter((upload) => upload.state === "waiting").slice(0, Math.max(0, this.#concurrent - running));
    for (const upload of waiting) upload.start();
    this.dispatchEvent(new Event("change"));
  }
}
