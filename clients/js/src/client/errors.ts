/** What goes wrong, as one class: the API's problems, and what happens before it answers. */
import type { Schema } from "./types.js";
import { describe } from "./sentences.js";

/** The body of the API's errors (RFC 9457). */
export type Problem = Schema<"Problem">;

/** Codes that are made here; all others are those of the API (docs/api.md). */
export type ClientErrorCode =
  | "network"
  | "signed_out"
  | "aborted"
  | "storage_unavailable"
  | "checksum_mismatch"
  | "file_changed"
  | "file_unreadable"
  | "file_empty"
  | "upload_elsewhere"
  | "other_user"
  | "upload_rejected"
  | "upload_cancelled"
  | "upload_expired"
  | "unexpected_answer";

/** What an error knows beside its code. */
export interface ErrorFacts {
  status?: number | null;
  detail?: string | null;
  hint?: string | null;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  problem?: Problem | null;
  cause?: unknown;
}

/** Anything that this package throws. `message` is a sentence for end users, in English; decide by `code`. */
export class ReelgateError extends Error {
  override readonly name = "ReelgateError";
  /** Stable, for programs: a code of the API, or a `ClientErrorCode`. */
  readonly code: string;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The API's sentence for end users, if there is one. */
  readonly detail: string | null;
  /** For developers: what to do next. Do not show it. */
  readonly hint: string | null;
  /** For support: names the request in the logs. */
  readonly requestId: string | null;
  /** Seconds to wait before trying again, if the server said so. */
  readonly retryAfterSeconds: number | null;
  /** The whole problem with its numbers (`limit`, `used`, ...), if it came from the API. */
  readonly problem: Problem | null;

  constructor(code: string, facts: ErrorFacts = {}) {
    super(code, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = facts.status ?? null;
    this.detail = facts.detail ?? null;
    this.hint = facts.hint ?? null;
    this.requestId = facts.requestId ?? null;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null;
    this.problem = facts.problem ?? null;
    Object.defineProperty(this, "message", { get: () => describe(this), configurable: true });
  }
}

/** Whether something was stopped on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof ReelgateError ? error.code === "aborted" : error instanceof Error && error.name === "AbortError";
}

/** Make a ReelgateError of anything that was thrown. */
export function asReelgateError(error: unknown): ReelgateError {
  if (error instanceof ReelgateError) return error;
  if (isAbort(error)) return new ReelgateError("aborted", { cause: error });
  return new ReelgateError("unexpected_answer", { cause: error });
}
