import type { ReelgateError } from "../../client/errors.js";

/** Where the sending of a file is. The names are those of `Upload`. */
export type TransferState = "waiting" | "checking" | "sending" | "paused" | "finishing" | "ready" | "failed" | "cancelled";

/** A file on its way: `Upload` of the client, or a session of somebody else's ({@link SessionTransfer}). */
export interface Transfer extends EventTarget {
  /** The upload's id, once the server has given one. */
  readonly id: string | null;
  readonly state: TransferState;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly error: ReelgateError | null;
  /** Bytes that are sent at a time, where the sender has told. */
  readonly chunkBytes?: number;
  pause(): void;
  resume(): void;
  cancel(): Promise<void>;
  /** Cancel what was begun with another file, and send this one from the start. */
  discard?(): Promise<void>;
}

/** A piece of a file is being sent. */
export interface ChunkAttempt {
  /** Counted from 0. */
  readonly chunkNumber: number;
  /** In KiB. */
  readonly chunkSize: number;
}

/** A piece of a file has arrived. */
export interface ChunkSuccess {
  readonly chunk: number;
  readonly chunkSize: number;
  readonly attempts: number;
  /** Seconds. */
  readonly timeInterval: number;
  /** Status and headers of the answer, as far as they are known. */
  readonly response: unknown;
}

/** What a sender needs to know about a file. */
export interface Shipment {
  readonly file: File;
  /** The name that the video gets. */
  readonly filename: string;
  /** An unfinished upload of the same file to go on with. */
  readonly resumeId: string | null;
}

/** What is left for a user, in bytes. */
export interface Quota {
  readonly storageLeft: number;
  readonly storageLimit: number;
  readonly todayLeft: number;
}

/** What the server says of files that somebody wants to send. */
export interface Verdict {
  /** Bytes that are left: the smaller one of storage and today's bandwidth. */
  readonly left: number;
  /** For each file: null if it fits, otherwise why not. */
  readonly refusals: readonly (ReelgateError | null)[];
}

/** An upload that was begun and not finished. */
export interface Unfinished {
  readonly id: string;
  readonly filename: string;
  readonly size: number;
  /** Bytes that have arrived; null if that is not known. */
  readonly received: number | null;
}

/** Where files are sent to. */
export interface Destination {
  /** Whether several files can be sent. */
  readonly several: boolean;
  /** Begin to send a file. */
  send(shipment: Shipment): Transfer;
  /** Judge files before they are sent; null if that cannot be known. */
  check(sizes: readonly number[]): Promise<Verdict | null>;
  /** Return what is left; null if there are no limits that are known. */
  quota(): Promise<Quota | null>;
  /** Return what was begun and not finished. */
  unfinished(): Promise<Unfinished[]>;
  /** Give up what was begun. */
  discard(id: string): Promise<void>;
}
