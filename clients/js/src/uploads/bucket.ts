/** Requests to the bucket: with progress, without a token, and given up when nothing moves any more. */
import { ReelgateError } from "../client/errors.js";

/** What the bucket answered. */
export interface BucketAnswer {
  readonly status: number;
  /** A header that the bucket's CORS rules let scripts read. */
  header(name: string): string | null;
  readonly text: string;
}

/** A request to a signed URL or a session. */
export interface BucketRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Blob | undefined;
  readonly signal: AbortSignal;
  /** Called with the bytes of the body that have left. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** A connection on which nothing moves for so long is dead: a phone that changed networks, a laptop that slept. */
const STALLED_MILLISECONDS = 60_000;
/** fetch does not say how far it is, so a chunk gets the time that it takes at this speed. */
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;

/** Send it. Throws `network` without an answer, and `aborted`. */
export async function askBucket(request: BucketRequest, fetcher: typeof fetch | null): Promise<BucketAnswer> {
  if (request.signal.aborted) throw new ReelgateError("aborted");
  const late = new AbortController();
  const stop = (): void => late.abort();
  request.signal.addEventListener("abort", stop, { once: true });
  const size = request.body?.size ?? 0;
  const byXhr = fetcher === null && typeof XMLHttpRequest === "function";
  const patience = STALLED_MILLISECONDS + (byXhr ? 0 : (size / SLOWEST_BYTES_PER_SECOND) * 1000);
  let timer = setTimeout(stop, patience);
  const moved = (bytes: number): void => {
    clearTimeout(timer);
    timer = setTimeout(stop, patience);
    request.onProgress?.(bytes);
  };
  try {
    return byXhr ? await sendXhr(request, late.signal, moved) : await sendFetch(request, late.signal, fetcher ?? fetch);
  } catch (failure) {
    throw new ReelgateError(request.signal.aborted ? "aborted" : "network", { cause: failure });
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", stop);
  }
}

/** fetch cannot show the progress of a body; this can. */
function sendXhr(request: BucketRequest, signal: AbortSignal, moved: (bytes: number) => void): Promise<BucketAnswer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = (): void => xhr.abort();
    xhr.open(request.method ?? "PUT", request.url);
    for (const [name, value] of Object.entries(request.headers ?? {})) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => moved(event.loaded);
    xhr.onload = () => resolve({ status: xhr.status, header: (name) => xhr.getResponseHeader(name), text: xhr.responseText });
    xhr.onerror = xhr.onabort = xhr.ontimeout = () => reject(new Error("no answer"));
    xhr.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop, { once: true });
    xhr.send(request.body ?? null);
  });
}

async function sendFetch(request: BucketRequest, signal: AbortSignal, fetcher: typeof fetch): Promise<BucketAnswer> {
  const answer = await fetcher(request.url, {
    method: request.method ?? "PUT",
    headers: request.headers ?? {},
    ...(request.body === undefined ? {} : { body: request.body }),
    credentials: "omit",
    signal,
  });
  return { status: answer.status, header: (name) => answer.headers.get(name), text: await answer.text() };
}

/** Whether trying again later can help. 409: another request has taken over the session. */
export function isPassingStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Whether the bytes are not those of the announced checksum. */
export function isDigestMismatch(answer: BucketAnswer): boolean {
  return answer.status === 400 && /BadDigest|digest you specified|crc32c/i.test(answer.text);
}

/** Whether a signed URL has expired (or was changed on its way): a new one helps. */
export function isExpiredUrl(answer: BucketAnswer): boolean {
  return answer.status === 403 || (answer.status === 400 && /ExpiredToken|expired/i.test(answer.text));
}

/** Throws `file_unreadable` if the file was moved, changed or removed: browsers report that as a lost network. */
export async function requireReadable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (failure) {
    throw new ReelgateError("file_unreadable", { cause: failure });
  }
}
