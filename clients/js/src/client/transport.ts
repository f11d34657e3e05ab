/** Requests to the API: authorised, repeated where that is safe, with problems as errors. */
import { type Problem, ReelgateError } from "./errors.js";
import { isPassing, type Pauses, retryAfterOf, wait, waitForNetwork } from "./waiting.js";

/** Where tokens come from. */
export interface Credentials {
  /** A token for the next request; null where there is none to send. Throws `signed_out` if there was one and it is gone. */
  token(signal?: AbortSignal): Promise<string | null>;
  /** The server refused this token. Whether there is another now, with which the request should be repeated. */
  refused(token: string): Promise<boolean>;
}

/** One request. */
export interface ApiRequest {
  readonly method: string;
  /** With its parameters filled in. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether it may be repeated when nobody knows whether it was carried out. */
  readonly idempotent: boolean;
  readonly authorized: boolean;
}

const ATTEMPTS = 5;
/** Beyond this, an answer is not waited for: the user learns how long it takes instead. */
const LONGEST_PAUSE_SECONDS = 70;
const ANSWER_WITHIN_MILLISECONDS = 60_000;
/** Nothing was done: these may be repeated whatever they were. */
const REFUSED_WITHOUT_EFFECT = new Set(["too_many_requests", "books_busy"]);

/** Sends requests to one deployment. */
export class Transport {
  readonly #endpoint: string;
  readonly #fetch: typeof fetch;
  readonly #credentials: Credentials;
  readonly #pauses: Pauses;

  constructor(endpoint: string, credentials: Credentials, pauses: Pauses, fetcher?: typeof fetch) {
    this.#endpoint = endpoint.replace(/\/+$/, "");
    this.#credentials = credentials;
    this.#pauses = pauses;
    this.#fetch = fetcher ?? ((input, init) => fetch(input, init));
  }

  /** Where a request goes that something else sends, and with which header. Throws `signed_out`. */
  async authorize(path: string): Promise<{ url: string; headers: Record<string, string> }> {
    const token = await this.#credentials.token();
    return { url: this.#endpoint + path, headers: token === null ? {} : { Authorization: `Bearer ${token}` } };
  }

  /** The answer, if it is a success. Throws ReelgateError. */
  async send(request: ApiRequest): Promise<Response> {
    let refreshed = false;
    for (let attempt = 1; ; attempt += 1) {
      const token = request.authorized ? await this.#credentials.token(request.signal) : null;
      let error: ReelgateError;
      try {
        const answer = await this.#once(request, token);
        if (answer.ok) return answer;
        error = await problemOf(answer);
      } catch (failure) {
        error = this.#failure(failure, request.signal);
      }
      if (error.status === 401 && error.code === "unauthorized" && token !== null && !refreshed) {
        refreshed = true;
        if (await this.#credentials.refused(token)) continue;
      }
      if (attempt >= ATTEMPTS || !mayRepeat(request, error)) throw error;
      const seconds = error.retryAfterSeconds ?? 0;
      if (seconds > LONGEST_PAUSE_SECONDS) throw error;
      const pause = Math.max(seconds * 1000, this.#pauses.before(attempt - 1, 8));
      await (error.code === "network" ? waitForNetwork(pause, request.signal) : wait(pause, request.signal));
    }
  }

  async #once(request: ApiRequest, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
    if (token !== null) headers["Authorization"] = `Bearer ${token}`;
    let body: string | undefined;
    if (typeof request.body === "string") body = request.body;
    else if (request.body !== undefined) {
      body = JSON.stringify(request.body);
      headers["Content-Type"] ??= "application/json";
    }
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MILLISECONDS);
    const stop = (): void => late.abort(request.signal?.reason);
    if (request.signal?.aborted) stop();
    request.signal?.addEventListener("abort", stop, { once: true });
    try {
      const answer = await this.#fetch(this.#endpoint + request.path, {
        method: request.method,
        headers,
        ...(body === undefined ? {} : { body }),
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        signal: late.signal,
      });
      // The body belongs to the attempt: a connection that breaks in its middle is a lost answer like any other.
      const content = await answer.arrayBuffer();
      const empty = answer.status === 204 || answer.status === 205 || answer.status === 304;
      return new Response(empty ? null : content, { status: answer.status, headers: answer.headers });
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", stop);
    }
  }

  #failure(failure: unknown, signal?: AbortSignal): ReelgateError {
    if (failure instanceof ReelgateError) return failure;
    return new ReelgateError(signal?.aborted ? "aborted" : "network", { cause: failure });
  }
}

function mayRepeat(request: ApiRequest, error: ReelgateError): boolean {
  return REFUSED_WITHOUT_EFFECT.has(error.code) || (request.idempotent && isPassing(error));
}

const BY_STATUS: Record<number, string> = { 401: "unauthorized", 403: "forbidden", 404: "not_found", 413: "too_large", 429: "too_many_requests" };

/** The error that an answer of the API, or of the front door before it, stands for. */
export async function problemOf(answer: Response): Promise<ReelgateError> {
  let problem: Problem | null = null;
  try {
    const content: unknown = await answer.json();
    if (typeof content === "object" && content !== null && typeof (content as Problem).code === "string") problem = content as Problem;
  } catch {
    // The front door answers some requests itself, as HTML or plain text: then the status is all there is.
  }
  const { status } = answer;
  return new ReelgateError(problem?.code ?? BY_STATUS[status] ?? (status >= 500 ? "unavailable" : "unexpected_answer"), {
    status,
    detail: problem?.detail ?? null,
    hint: problem?.hint ?? null,
    requestId: problem?.request_id ?? answer.headers.get("X-Request-Id"),
    retryAfterSeconds: retryAfterOf(answer.headers.get("Retry-After")),
    problem,
  });
}
