/** What was lost in a row without any progress, how long to wait after each, and when to give up. */
import { asReelgateError, ReelgateError } from "../client/errors.js";
import type { Pauses } from "../client/waiting.js";
import { isPassing, offline, retryAfterOf, waitForNetwork } from "../client/waiting.js";
import type { BucketAnswer } from "./bucket.js";

/** About five minutes of trying; an upload that has failed can be resumed. */
const MOST_IN_A_ROW = 14;
/** Who is told to come back later than this, learns it instead of waiting. */
const LONGEST_PAUSE_SECONDS = 300;

/** Losses of one file, or of one of its parts. */
export class Losses {
  readonly #pauses: Pauses;
  readonly #signal: AbortSignal;
  readonly #onLoss: () => void;
  #inARow = 0;

  constructor(pauses: Pauses, signal: AbortSignal, onLoss: () => void = () => undefined) {
    this.#pauses = pauses;
    this.#signal = signal;
    this.#onLoss = onLoss;
  }

  /** Bytes have arrived: what was lost before no longer counts. */
  progressed(): void {
    this.#inARow = 0;
  }

  /** Wait before trying again. Throws the error if that has been tried often enough; being offline does not count. */
  async after(error: ReelgateError): Promise<void> {
    if (error.code === "aborted" || (error.retryAfterSeconds ?? 0) > LONGEST_PAUSE_SECONDS) throw error;
    this.#onLoss();
    if (!offline()) this.#inARow += 1;
    if (this.#inARow > MOST_IN_A_ROW) throw error;
    const pause = Math.max((error.retryAfterSeconds ?? 0) * 1000, this.#pauses.before(Math.max(0, this.#inARow - 1)));
    await waitForNetwork(pause, this.#signal);
  }

  /** The same, after an answer of the bucket. */
  afterAnswer(answer: BucketAnswer): Promise<void> {
    return this.after(bucketAway(answer));
  }

  /** Call the API until it answers, through lost networks and servers that are away. Throws what waiting does not mend. */
  async persist<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (failure) {
        const error = asReelgateError(failure);
        if (!isPassing(error)) throw error;
        await this.after(error);
      }
    }
  }
}

/** The error that an answer of the bucket stands for. */
export function bucketAway(answer: BucketAnswer): ReelgateError {
  const retryAfter = answer.header("Retry-After");
  return new ReelgateError("storage_unavailable", {
    status: answer.status,
    hint: answer.text.slice(0, 300) || null,
    retryAfterSeconds: retryAfter === null ? null : retryAfterOf(retryAfter),
  });
}
