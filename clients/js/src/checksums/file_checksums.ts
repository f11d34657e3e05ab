/** Checksums of a file and its parts: in a worker where there is one, otherwise here, a slice at a time. */
import { ReelgateError } from "../client/errors.js";
import { crc32cOfBlob } from "./crc32c.js";

/** Small enough that a page stays responsive between two of them. */
const SLICE_HERE = 1024 * 1024;

interface Answer {
  readonly id: number;
  readonly crc?: number;
}

/** A worker and what it was asked. Without an answer to the first question (its file is not found, a policy forbids it), it is given up. */
class ChecksumWorker {
  readonly #worker: Worker;
  readonly #asked = new Map<number, (answer: Answer | null) => void>();
  #nextId = 1;
  lost = false;

  constructor(url: string | URL) {
    this.#worker = new Worker(url);
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.#asked.get(data.id)?.(data);
      this.#asked.delete(data.id);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.lost = true;
      for (const tell of this.#asked.values()) tell(null);
      this.#asked.clear();
      this.#worker.terminate();
    };
  }

  /** The answer; null if the worker is of no use. */
  ask(blob: Blob, signal: AbortSignal): Promise<Answer | null> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#asked.delete(id);
        this.#worker.postMessage({ id, stop: true });
        reject(new ReelgateError("aborted"));
      };
      this.#asked.set(id, (answer) => {
        signal.removeEventListener("abort", stop);
        resolve(answer);
      });
      signal.addEventListener("abort", stop, { once: true });
      this.#worker.postMessage({ id, blob });
    });
  }
}

const workers = new Map<string, ChecksumWorker | null>();

/** The worker of this page; null where there cannot be one: in Node, or where the script is of another origin. */
function workerAt(url: string | URL | null | undefined): ChecksumWorker | null {
  if (url === null || typeof Worker !== "function") return null;
  const key = String(url ?? "");
  const known = workers.get(key);
  if (known !== undefined) return known?.lost ? null : known;
  let made: ChecksumWorker | null = null;
  try {
    made = new ChecksumWorker(url ?? new URL("./crc32c_worker.js", import.meta.url));
  } catch {
    // the slices do
  }
  workers.set(key, made);
  return made;
}

/** Checksums of one file. Each range is computed once. */
export class FileChecksums {
  readonly #file: Blob;
  readonly #workerUrl: string | URL | null | undefined;
  readonly #known = new Map<string, Promise<number>>();

  constructor(file: Blob, workerUrl?: string | URL | null) {
    this.#file = file;
    this.#workerUrl = workerUrl;
  }

  /** The CRC32C of these bytes. Throws `file_unreadable`, `aborted`. */
  of(start: number, end: number, signal: AbortSignal): Promise<number> {
    const key = `${start}-${end}`;
    let crc = this.#known.get(key);
    if (crc === undefined) {
      crc = this.#compute(this.#file.slice(start, end), signal);
      crc.catch(() => this.#known.delete(key)); // a pause is no answer
      this.#known.set(key, crc);
    }
    return crc;
  }

  /** Forget a range, because its bytes may have changed. */
  forget(start: number, end: number): void {
    this.#known.delete(`${start}-${end}`);
  }

  async #compute(blob: Blob, signal: AbortSignal): Promise<number> {
    if (signal.aborted) throw new ReelgateError("aborted");
    const answer = await workerAt(this.#workerUrl)?.ask(blob, signal);
    if (answer?.crc !== undefined) return answer.crc;
    // Without a worker, or where it could not read the file: trying here says why.
    let crc: number | null;
    try {
      crc = await crc32cOfBlob(blob, SLICE_HERE, () => signal.aborted);
    } catch (failure) {
      throw new ReelgateError("file_unreadable", { cause: failure });
    }
    if (crc === null) throw new ReelgateError("aborted");
    return crc;
  }
}
