import type { ReelgateError } from "../../client/errors.js";
import type { Transfer, TransferState } from "./transfer.js";

/** Why a file is not sent at all. Nobody asked the server. */
export type Refusal = { kind: "type" } | { kind: "empty" } | { kind: "size"; limit: number };

let keys = 0;

/** Codes after which sending the same file again cannot work. */
const FINAL = new Set(["unsupported_type", "too_large", "invalid_request", "account_disabled", "account_deleted", "missing_scope"]);
/** Codes after which the upload that was begun is of no use. */
const OVER = new Set(["upload_not_found", "upload_finished", "upload_rejected", "upload_cancelled", "upload_expired", "file_changed", "checksum_mismatch"]);

/** A file in the uploader's list. It outlives the attempts to send it. */
export class Item {
  readonly key = ++keys;
  readonly file: File;
  /** The name that the video gets; another one after "name taken". */
  filename: string;
  /** The attempt that is under way, or the last one. */
  transfer: Transfer | null = null;
  /** An unfinished upload to go on with. */
  resumeId: string | null;
  refusal: Refusal | null = null;
  /** Why the server would not take it, as the check before the first byte said. */
  refused: ReelgateError | null = null;
  /** Whether the server is being asked if it fits: until then it is not begun. */
  isJudged = true;

  constructor(file: File, resumeId: string | null = null) {
    this.file = file;
    this.filename = file.name;
    this.resumeId = resumeId;
  }

  get state(): TransferState {
    if (this.refusal || this.refused) return "failed";
    return this.transfer?.state ?? "waiting";
  }

  get error(): ReelgateError | null {
    return this.refused ?? this.transfer?.error ?? null;
  }

  get videoId(): string | null {
    return this.state === "ready" ? (this.transfer?.id ?? null) : null;
  }

  /** Bytes that have arrived. */
  get sentBytes(): number {
    return this.state === "ready" ? this.file.size : (this.transfer?.sentBytes ?? 0);
  }

  /** Whether it keeps a place among those that are sent at once. */
  get isRunning(): boolean {
    return ["checking", "sending", "finishing"].includes(this.state);
  }

  get isOver(): boolean {
    return ["ready", "failed", "cancelled"].includes(this.state);
  }

  get canRetry(): boolean {
    return this.state === "failed" && this.refusal === null && !FINAL.has(this.error?.code ?? "") && !this.isNameTaken;
  }

  get isNameTaken(): boolean {
    return this.state === "failed" && this.error?.code === "name_taken";
  }

  /** Whether what was begun under this name is of another file, and has to be given up before this one can be sent. */
  get isAnotherFile(): boolean {
    const { transfer } = this;
    return this.state === "failed" && this.error?.code === "file_changed" && transfer?.id != null && transfer.discard !== undefined;
  }

  /** Whether the last attempt can be taken up again as it is. */
  get isResumable(): boolean {
    return this.transfer?.state === "failed" && this.refused === null && !this.isNameTaken && !OVER.has(this.error?.code ?? "");
  }

  /** Make it wait for another attempt, from the start. */
  again(): void {
    this.resumeId = null;
    this.transfer = null;
    this.refused = null;
  }
}
