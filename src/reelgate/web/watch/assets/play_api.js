/** What the API of playback says, and what it refuses. */

/** The API, or the way to it, has said no. `code` is that of the problem, or `network`; `retryAfter` is in seconds. */
export class Refusal extends Error {
  constructor(code, { retryAfter = 0, retryAt = null } = {}) {
    super(code);
    this.code = code;
    this.retryAfter = retryAfter;
    this.retryAt = retryAt;
  }

  /** Whether the same request may succeed a little later. */
  get passes() {
    return ["network", "unavailable", "too_many_requests"].includes(this.code);
  }
}

const ANSWER_MILLISECONDS = 15_000;

export class PlayApi {
  #closing = new AbortController();

  /** @param {string} playUrl of `GET /v1/play/{token}` */
  constructor(playUrl) {
    this.playUrl = playUrl;
  }

  /** Return title, sources, captions and the like. Charges nothing. */
  play() {
    return this.#ask(this.playUrl);
  }

  /** Return `{url}` of the whole file. Charges it, once for each key: with the same one, it is the same play and URL. */
  fileUrl(key) {
    return this.#ask(`${this.playUrl}/url`, {}, { "Idempotency-Key": key });
  }

  /** Return a lease: `{view, number, url, opens_until_seconds}`. With a key, it is one play, however often it is asked for. */
  lease(leaseUrl, wanted, key) {
    return this.#ask(leaseUrl, wanted, key && { "Idempotency-Key": key });
  }

  /** Break off what is asked for, and ask for nothing any more. */
  close() {
    this.#closing.abort();
  }

  async #ask(url, body, headers) {
    const { signal } = this.#closing;
    try {
      return await ask(url, signal, body, headers);
    } catch (refusal) {
      throw signal.aborted ? new Refusal("closed") : refusal;
    }
  }
}

/** Return the JSON at an address; with a body, by POST. Throws Refusal. */
async function ask(url, closing, body, headers = {}) {
  const sent = { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) };
  const timeout = AbortSignal.timeout(ANSWER_MILLISECONDS);
  const signal = AbortSignal.any?.([closing, timeout]) ?? timeout; // Safari has `any` from 17.4
  let response;
  try {
    response = await fetch(url, { ...(body && sent), cache: "no-store", credentials: "omit", signal });
    if (response.ok) return await response.json();
  } catch {
    throw new Refusal("network");
  }
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  const problem = await response.json().catch(() => ({}));
  const code = problem.code ?? (response.status >= 500 ? "unavailable" : "unknown");
  throw new Refusal(code, { retryAfter, retryAt: problem.retry_at });
}
