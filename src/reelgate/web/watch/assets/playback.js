/**
 * One video from its link to its end: asks what there is to play, begins when somebody plays it, goes on after a failure, and
 * stops when it may not be watched any more. It knows the <video>, and nothing of the page: what viewers see is its listener's.
 */
import { Leases } from "./leases.js";
import { Refusal } from "./play_api.js";
import { sourceOf } from "./sources.js";

const PREPARING_MILLISECONDS = 5000;
const CHECK_MILLISECONDS = 200;
const AT_ONCE = ["grant_revoked", "grant_not_found", "video_unavailable", "origin_not_allowed", "unsupported"];
const AGAIN = ["network", "unavailable", "too_many_requests", "unknown"];

/** Return whether it can help to try again. */
export function mayPass(refusal) {
  return AGAIN.includes(refusal.code);
}

export class Playback {
  #video;
  #api;
  #listener;
  #Hls;
  #source = null;
  #started = null;
  #ending = null; // what waits for the end of what is loaded
  #preparing = null;
  #shown = null;
  #leases = null;
  #closing = new AbortController();

  /**
   * @param {HTMLVideoElement} video
   * @param {PlayApi} api
   * @param {{ready(play: object): void, starts(): void, refused(refusal: Refusal): void, goesOn(isStarted: boolean): void}} listener
   *   `ready`: it can be played, and nothing of it is loaded or charged; `refused`: it has stopped, and says why;
   *   `goesOn`: what was refused is over.
   * @param {Function} [Hls] hls.js
   */
  constructor(video, api, listener, Hls = globalThis.Hls) {
    this.#video = video;
    this.#api = api;
    this.#listener = listener;
    this.#Hls = Hls;
    const { signal } = this.#closing;
    addEventListener("offline", () => this.#started && this.#refused(new Refusal("network")), { signal }); // hls.js would wait without a word
    addEventListener("online", () => (this.#ending || this.#shown?.code === "network") && this.goOn(), { signal });
  }

  /** Ask what there is to play, and get ready to play it. Nothing of the video is loaded, and nothing charged. */
  async open() {
    let play;
    try {
      play = await this.#api.play();
      if (this.#isClosed) return;
      if (!play.hls && ["queued", "running"].includes(play.playback.state)) throw new Refusal("preparing");
      const lease = (wanted, key) => this.#api.lease(play.hls.lease_url, wanted, key);
      this.#leases = play.hls?.lease_url ? new Leases(lease, play.lease_seconds) : null;
      this.#source = sourceOf(this.#video, play, this.#api, this.#leases, (refusal) => this.#refused(refusal), this.#Hls);
    } catch (refusal) {
      if (this.#isClosed) return;
      if (refusal.code === "preparing") this.#preparing = setTimeout(() => this.open(), PREPARING_MILLISECONDS);
      this.#say(refusal);
      return;
    }
    this.#unsay();
    this.#listener.ready(play);
  }

  /** Begin to load. Does so once. */
  start() {
    this.#started ??= this.#begin();
    return this.#started;
  }

  /** Try again what was refused. */
  goOn() {
    if (!this.#started) return this.open();
    const wasStopped = this.#shown !== null;
    this.#stopWaiting();
    this.#unsay();
    this.#source.resume();
    if (wasStopped) this.#video.play().catch(() => {});
  }

  /** End it: no request, lease or timer of it is left. The <video> is empty then. */
  close() {
    this.#closing.abort();
    this.#stopWaiting();
    clearTimeout(this.#preparing);
    this.#leases?.close();
    this.#api.close();
    this.#source?.close();
  }

  get #isClosed() {
    return this.#closing.signal.aborted;
  }

  async #begin() {
    this.#listener.starts();
    await this.#source.start();
  }

  /** It goes no further. What is loaded already is paid for and plays on, unless the video may not be watched any more. */
  #refused(refusal) {
    if (this.#isClosed) return;
    this.#source.stop();
    this.#stopWaiting();
    if (AT_ONCE.includes(refusal.code) || this.#left() < 0.3) {
      this.#say(refusal);
      return;
    }
    this.#ending = setInterval(() => {
      if (this.#left() >= 0.3 && !this.#video.ended && !this.#isStuck) return;
      this.#stopWaiting();
      if (!this.#video.ended) this.#say(refusal);
    }, CHECK_MILLISECONDS);
  }

  #stopWaiting() {
    clearInterval(this.#ending);
    this.#ending = null;
  }

  /** Whether it waits for more than is loaded. At higher speeds it does so before the last of that is played. */
  get #isStuck() {
    const { paused, seeking, readyState } = this.#video;
    return !paused && !seeking && readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** Return how many loaded seconds are left to play. */
  #left() {
    const { buffered, currentTime } = this.#video;
    for (let one = 0; one < buffered.length; one++) {
      if (buffered.start(one) <= currentTime && currentTime < buffered.end(one)) return buffered.end(one) - currentTime;
    }
    return 0;
  }

  #say(refusal) {
    this.#shown = refusal;
    this.#video.pause();
    this.#listener.refused(refusal);
  }

  #unsay() {
    this.#shown = null;
    this.#listener.goesOn(this.#started !== null);
  }
}
