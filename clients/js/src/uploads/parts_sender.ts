/** Sends a file in parts, some at once, straight to the bucket, and only those that it does not have. */
import { asReelgateError, isAbort, ReelgateError } from "../client/errors.js";
import type { Schema } from "../client/types.js";
import { crc32cBase64 } from "../checksums/crc32c.js";
import type { BucketAnswer } from "./bucket.js";
import { isDigestMismatch, isExpiredUrl, isPassingStatus, requireReadable } from "./bucket.js";
import { type Job, lossesOf, toBucket } from "./job.js";
import { bucketAway } from "./losses.js";

/** URLs work for 15 minutes; one that waited for so long (a tab that slept) is signed again rather than tried. */
const FRESH_MILLISECONDS = 12 * 60_000;
const MOST_URLS_AT_ONCE = 100;

/** How the file is divided, and what has arrived. */
export interface PartsPlan {
  readonly id: string;
  readonly partBytes: number;
  /** Indexes of the parts in the bucket. Parts that arrive are added. */
  readonly received: Set<number>;
  readonly parallel: number;
}

interface Signed {
  readonly index: number;
  readonly request: Schema<"SignedRequest">;
  readonly at: number;
}

/** Sends the parts that are missing. */
export class PartsSender {
  readonly #job: Job;
  readonly #plan: PartsPlan;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #todo: number[] = [];
  readonly #ready: Signed[] = [];
  readonly #onTheirWay = new Map<number, number>();
  #signing: Promise<void> | null = null;
  #asking: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(job: Job, plan: PartsPlan) {
    this.#job = { ...job, signal: this.#stop.signal, report: job.report, lost: job.lost };
    this.#plan = plan;
    this.#signal = job.signal;
  }

  /** Returns once the bucket has taken each part. Throws the first failure that trying again does not mend. */
  async send(): Promise<void> {
    const { received, partBytes, parallel } = this.#plan;
    const count = Math.ceil(this.#job.file.size / partBytes);
    for (let index = 0; index < count; index += 1) if (!received.has(index)) this.#todo.push(index);
    const stop = (): void => this.#stop.abort(this.#signal.reason);
    if (this.#signal.aborted) stop();
    this.#signal.addEventListener("abort", stop, { once: true });
    this.#report();
    const workers = Array.from({ length: Math.min(parallel, this.#todo.length) }, () => this.#work().catch((failure: unknown) => this.#fail(failure)));
    await Promise.all(workers);
    this.#signal.removeEventListener("abort", stop);
    if (this.#failure !== null) throw this.#failure;
  }

  /** The first failure counts; everything else ends as aborted because of it. */
  #fail(failure: unknown): void {
    if (this.#failure === null || isAbort(this.#failure)) this.#failure = failure;
    this.#stop.abort();
  }

  async #work(): Promise<void> {
    for (;;) {
      const part = await this.#next();
      if (part === null) return;
      await this.#sendPart(part);
    }
  }

  /** A part with its URL; null when none is left. URLs are fetched before they are needed, but not many, as they expire. */
  async #next(): Promise<Signed | null> {
    while (this.#ready.length === 0) {
      if (this.#signing === null && this.#todo.length === 0) return null;
      await this.#refill();
    }
    const part = this.#ready.shift()!;
    if (this.#ready.length < this.#plan.parallel && this.#todo.length > 0) this.#refill().catch(() => undefined); // who waits for it, throws
    return part;
  }

  #refill(): Promise<void> {
    this.#signing ??= (async () => {
      const indexes = this.#todo.splice(0, Math.min(this.#plan.parallel, MOST_URLS_AT_ONCE));
      try {
        this.#ready.push(...(await this.#sign(indexes)));
      } catch (failure) {
        this.#fail(failure);
        throw failure;
      } finally {
        this.#signing = null;
      }
    })();
    return this.#signing;
  }

  async #sign(indexes: readonly number[]): Promise<Signed[]> {
    const parts: Schema<"WantedPart">[] = [];
    for (const index of indexes) {
      const crc = await this.#job.checksums?.of(...this.#range(index), this.#job.signal);
      parts.push({ index, ...(crc === undefined ? {} : { crc32c: crc32cBase64(crc) }) });
    }
    const { id } = this.#plan;
    const { reelgate, signal } = this.#job;
    const signed = await lossesOf(this.#job).persist(() =>
      reelgate.request("POST", "/v1/uploads/{upload_id}/parts", {
        params: { path: { upload_id: id } },
        body: { parts },
        idempotent: true,
        signal,
      }),
    );
    return signed.parts.map(({ index, request }) => ({ index, request, at: Date.now() }));
  }

  async #sendPart(part: Signed): Promise<void> {
    const { index } = part;
    const losses = lossesOf(this.#job);
    let current = part;
    let damaged = false;
    while (!this.#plan.received.has(index)) {
      if (Date.now() - current.at > FRESH_MILLISECONDS) current = (await this.#sign([index]))[0]!;
      let answer: BucketAnswer;
      try {
        answer = await this.#put(current);
      } catch (failure) {
        const error = asReelgateError(failure);
        if (error.code === "network") await requireReadable(this.#job.file);
        await losses.after(error);
        await this.#askReceived();
        continue;
      } finally {
        this.#onTheirWay.delete(index);
      }
      if (answer.status < 300 || answer.status === 412) {
        this.#plan.received.add(index);
      } else if (isDigestMismatch(answer)) {
        if (damaged) throw new ReelgateError("checksum_mismatch", { status: answer.status, hint: answer.text.slice(0, 300) });
        damaged = true; // once may have happened on the way
        this.#job.checksums?.forget(...this.#range(index));
        current = (await this.#sign([index]))[0]!;
      } else if (isExpiredUrl(answer)) {
        await losses.afterAnswer(answer);
        current = (await this.#sign([index]))[0]!;
      } else if (isPassingStatus(answer.status)) {
        await losses.afterAnswer(answer);
        await this.#askReceived();
      } else throw bucketAway(answer);
      this.#report();
    }
  }

  #put({ index, request }: Signed): Promise<BucketAnswer> {
    const [start, end] = this.#range(index);
    return toBucket(this.#job, {
      url: request.url,
      method: request.method,
      headers: request.headers,
      body: this.#job.file.slice(start, end),
      onProgress: (bytes) => {
        this.#onTheirWay.set(index, Math.min(bytes, end - start));
        this.#report();
      },
    });
  }

  /** After a loss: which parts have arrived all the same. All parts that ask at once share one answer. */
  #askReceived(): Promise<void> {
    const { reelgate, signal } = this.#job;
    this.#asking ??= lossesOf(this.#job)
      .persist(() => reelgate.uploads.get(this.#plan.id, signal))
      .then((info) => {
        if (info.state !== "open") throw new ReelgateError("upload_finished");
        for (const index of info.parts?.received ?? []) this.#plan.received.add(index);
      })
      .finally(() => {
        this.#asking = null;
      });
    return this.#asking;
  }

  #range(index: number): [number, number] {
    const start = index * this.#plan.partBytes;
    return [start, Math.min(start + this.#plan.partBytes, this.#job.file.size)];
  }

  #report(): void {
    let arrived = 0;
    for (const index of this.#plan.received) arrived += this.#range(index)[1] - this.#range(index)[0];
    let onTheirWay = 0;
    for (const [index, bytes] of this.#onTheirWay) if (!this.#plan.received.has(index)) onTheirWay += bytes;
    this.#job.report(arrived, onTheirWay);
  }
}
