/** Sentences for end users. */

const SENTENCES: Record<string, string> = {
  network: "The server cannot be reached. Check your internet connection, then try again.",
  signed_out: "You are signed out. Sign in again to go on.",
  aborted: "Stopped.",
  storage_unavailable: "The storage cannot be reached right now. Nothing is lost; try again in a few minutes.",
  checksum_mismatch: "The file arrived damaged, or was changed while it was being sent. Send it again.",
  file_changed: "This is not the file that was begun, or it was changed since. Choose the same file, or start again.",
  file_unreadable: "The file cannot be read. It may have been moved, changed or removed. Choose it again.",
  file_empty: "This file is empty. Choose another one.",
  upload_elsewhere: "This file is being sent already, here or in another tab.",
  other_user: "This upload belongs to another account. Sign in with that account, or choose the file again.",
  upload_is_chunked: "This upload was begun by another program, and has to be finished there. Cancel it there to start again.",
  upload_rejected: "The file that arrived is not the one that was announced, so it was not kept. Send it again.",
  upload_cancelled: "This upload was cancelled.",
  upload_expired: "This upload was not finished in time. Start it again.",
  unexpected_answer: "The server gave an answer that we do not understand. Try again later.",
  unauthorized: "You are signed out. Sign in again to go on.",
  invalid_credentials: "E-mail address and password do not belong together.",
  internal_error: "Something went wrong on the server. Try again in a moment.",
  unavailable: "The server is busy or away for a moment. Try again shortly.",
  books_slow: "The server is busy for a moment. Try again shortly.",
  books_busy: "The server is busy for a moment. Try again shortly.",
  deadline_exceeded: "The server did not answer in time. Try again shortly.",
  too_many_requests: "Too many requests at once. Try again in a minute.",
  too_large: "This file is larger than the server accepts.",
  not_found: "This does not exist, or not any more.",
};

interface Described {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly status?: unknown;
}

/**
 * Say in a sentence for end users what went wrong. The API's own sentence is used where it knows more (how many bytes are left,
 * which name is taken). Never throws, whatever it gets.
 */
export function describe(error: unknown): string {
  const { code, detail, status } = (typeof error === "object" && error !== null ? error : {}) as Described;
  if (typeof detail === "string" && detail !== "") return detail;
  const known = typeof code === "string" ? SENTENCES[code] : undefined;
  if (known !== undefined) return known;
  if (typeof status === "number") {
    if (status === 404) return SENTENCES["not_found"]!;
    if (status === 413) return SENTENCES["too_large"]!;
    if (status === 429) return SENTENCES["too_many_requests"]!;
    if (status >= 500) return SENTENCES["unavailable"]!;
  }
  return "Something went wrong. Try again in a moment.";
}
