/**
 * Leased URLs of a video's files.
 *
 * A lease opens one file for some minutes and pays for what plays in them. The player asks for the next one when less than a
 * fifth of it is left, or when it needs something that the lease does not pay for. Its requests carry numbers, so that one
 * whose answer was lost is repeated, and not charged twice.
 */
import { Refusal } from "./play_api.js";

const LEFT = 1 / 5;
const AT_ONCE = 50; // milliseconds: hls.js asks a second time for what it could not get
const ATTEMPTS = 4;

export class Leases {
  #ask;
  #seconds;
  #view;
  #number = 1;
  #key = newKey();
  #held = new Map();
  #turn = Promise.resolve();
  #refusal = null;
  #failure = { at: -Infinity };
  #closing = new AbortController();

  /**
   * @param {(wanted: object, key?: string) => Promise<object>} ask asks for a lease; a key names the play that one begins
   * @param {number} seconds how long a lease lasts
   */
  constructor(ask, seconds) {
    this.#ask = ask;
    this.#seconds = seconds;
  }

  /** Why there are no leases any more; null while there are. */
  get refusal() {
    return this.#refusal;
  }

  /** Return the URL with which a rendition's file can be read at a position in seconds. Throws Refusal. */
  urlFor(rendition, position) {
    const one = this.#turn.then(() => this.#urlFor(rendition, position)); // one at a time: they are numbered
    this.#turn = one.catch(() => {});
    return one;
  }

  /** Forget the URL of a rendition: the bucket no longer takes it. */
  drop(rendition) {
    this.#held.delete(rendition);
  }

  /** Ask for no lease any more, also if one was waited for. */
  close() {
    this.#refusal ??= new Refusal("closed");
    this.#closing.abort();
  }

  async #urlFor(rendition, position) {
    if (this.#refusal) throw this.#refusal;
    const now = performance.now();
    if (now - this.#failure.at < AT_ONCE) throw this.#failure.error;
    const held = (this.#held.get(rendition) ?? []).filter((lease) => now < lease.renewAt);
    const found = held.findLast((lease) => position >= lease.from && position < lease.until);
    if (found) return found.url;
    const lease = await this.#patiently(rendition, position);
    const renewAt = now + this.#seconds * 1000 * (1 - LEFT);
    this.#held.set(rendition, [...held, { url: lease.url, from: position, until: lease.opens_until_seconds, renewAt }]);
    return lease.url;
  }

  async #patiently(rendition, position) {
    for (let attempt = 1; ; attempt++) {
      try {
        const wanted = { view: this.#view, number: this.#number, rendition, position };
        const lease = await this.#ask(wanted, this.#view ? undefined : this.#key);
        this.#view = lease.view;
        this.#number++;
        return lease;
      } catch (error) {
        if (error.code === "lease_over") {
          this.#number++; // its answer was lost, and its time is over
        } else if (error.code === "lease_out_of_order" && attempt === 1) {
          this.#view = undefined; // a play of long ago: this is a new one
          this.#key = newKey();
        } else if (!(error instanceof Refusal) || !error.passes) {
          this.#refusal = error;
          throw error;
        } else if (attempt < ATTEMPTS && navigator.onLine) {
          await pause(Math.max(error.retryAfter * 1000, 250 * 2 ** attempt), this.#closing.signal);
          if (this.#refusal) throw this.#refusal;
        } else {
          this.#failure = { at: performance.now(), error };
          throw error;
        }
      }
    }
  }
}

/** Return what names a play that begins, so that it counts once although the answer is lost. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
}

/** Wait, but not longer than the signal is quiet. */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
