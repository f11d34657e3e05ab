/** The ways to play a video. Each begins to load when it is started, so that a page that is only opened costs nothing. */
import { newKey } from "./leases.js";
import { Refusal } from "./play_api.js";

const MAX_BUFFER_SECONDS = 30; // a lease pays for as much beyond its time
const RECOVERIES = 2;

/**
 * Return how this browser plays a video. `refused(refusal)` is called when it goes no further. Throws Refusal.
 *
 * Without leases, the URLs in the playlists are asked for as they are.
 */
export function sourceOf(video, play, api, leases, refused, Hls = globalThis.Hls) {
  if (play.hls && Hls?.isSupported()) return new HlsSource(Hls, video, play, leases, refused);
  // Chromium says "maybe" for HLS of its own, and then fails: it has hls.js, so it does not come here.
  if (play.hls && video.canPlayType("application/vnd.apple.mpegurl")) return new PlainSource(video, () => play.hls.native_url, api, refused);
  if (play.sources.length > 0) return new PlainSource(video, fileOf(api), api, refused);
  throw new Refusal(play.hls ? "unsupported" : "not_playable");
}

/** Return what asks for the URL of the file: the same one when a play goes on after a failure, so that it is charged once. */
function fileOf(api) {
  let key = newKey();
  return async () => {
    try {
      return (await api.fileUrl(key)).url;
    } catch (error) {
      if (error.code !== "lease_over") throw error;
      key = newKey(); // the URL's time is over: this is another play
      return (await api.fileUrl(key)).url;
    }
  };
}

class HlsSource {
  #hls;
  #leases;
  #video;
  #refused;
  #recoveries = 0;
  #playlist;
  #retry;

  constructor(Hls, video, play, leases, refused) {
    this.#leases = leases;
    this.#video = video;
    this.#refused = refused;
    this.#playlist = play.hls.url;
    const buffer = Math.min(MAX_BUFFER_SECONDS, Math.max(6, play.lease_seconds / 4));
    this.#hls = new Hls({
      enableWorker: false, // there is nothing to convert: segments are fragmented MP4 already
      maxBufferLength: buffer,
      maxMaxBufferLength: buffer,
      backBufferLength: 60,
      xhrSetup: (xhr, _, context) => this.#open(xhr, context),
    });
    const events = Hls.Events;
    this.#hls.on(events.MEDIA_ATTACHED, () => offerToAirPlay(video, play.hls.native_url));
    this.#hls.on(events.FRAG_BUFFERED, () => (this.#recoveries = 0));
    this.#hls.on(events.ERROR, (_, data) => this.#failed(Hls, data));
  }

  async start() {
    this.#hls.attachMedia(this.#video);
    this.#hls.loadSource(this.#playlist);
  }

  /** Go on after a failure. */
  resume() {
    this.#recoveries = 0;
    if (this.#hls.levels.length === 0) this.#hls.loadSource(this.#playlist);
    else this.#hls.startLoad(this.#video.currentTime);
  }

  stop() {
    this.#hls.stopLoad();
  }

  close() {
    clearTimeout(this.#retry);
    this.#hls.destroy();
  }

  async #open(xhr, context) {
    if (!context?.frag || !this.#leases) return; // a playlist, or open to all
    const position = context.frag.sn === "initSegment" ? this.#video.currentTime : context.frag.start;
    xhr.open("GET", await this.#leases.urlFor(this.#rendition(context.frag), position), true);
  }

  #rendition(frag) {
    return new URL(this.#hls.levels[frag.level].uri, location.href).pathname.split("/").pop().replace(".m3u8", "");
  }

  #failed(Hls, data) {
    if (this.#leases?.refusal) {
      this.#refused(this.#leases.refusal);
      return;
    }
    // The bucket refuses a URL whose time is over, in some browsers without a status that scripts can see.
    if (data.frag && [0, 400, 403].includes(data.response?.code)) this.#leases?.drop(this.#rendition(data.frag));
    if (!data.fatal) return;
    if (++this.#recoveries > RECOVERIES) {
      this.#refused(new Refusal(data.type === Hls.ErrorTypes.NETWORK_ERROR ? "network" : "unsupported"));
    } else if (data.type === Hls.ErrorTypes.MEDIA_ERROR) {
      this.#hls.recoverMediaError();
    } else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      this.#retry = setTimeout(() => this.#hls.startLoad(), 300 * this.#recoveries);
    } else {
      this.#refused(new Refusal("unsupported"));
    }
  }
}

/**
 * Let Safari send the video to a television, which cannot play what a script feeds to the <video>: it takes the next source.
 *
 * hls.js feeds by a <source> where the browser can do both (ManagedMediaSource), and by `src` in all others.
 */
function offerToAirPlay(video, url) {
  if (!video.querySelector("source")) return;
  video.append(Object.assign(document.createElement("source"), { type: "application/x-mpegURL", src: url }));
  video.disableRemotePlayback = false;
}

/** One URL for everything: the file as it was uploaded, or a playlist that the browser reads by itself. */
class PlainSource {
  #video;
  #url;
  #api;
  #refused;
  #closing = new AbortController();

  constructor(video, url, api, refused) {
    this.#video = video;
    this.#url = url;
    this.#api = api;
    this.#refused = refused;
    video.addEventListener("error", () => this.#explain(), { signal: this.#closing.signal });
  }

  async start() {
    try {
      const url = await this.#url();
      if (!this.#closing.signal.aborted) this.#video.src = url;
    } catch (error) {
      this.#refused(error);
    }
  }

  async resume() {
    const position = this.#video.currentTime;
    await this.start();
    this.#video.currentTime = position;
  }

  stop() {
    this.#video.pause();
  }

  close() {
    this.#closing.abort();
    this.#video.removeAttribute("src");
    this.#video.load(); // else what it has begun to read is read on
  }

  /** Find out why it does not play: a media element says nothing of the answer that it got. */
  async #explain() {
    try {
      await this.#api.play();
      this.#refused(new Refusal(this.#video.error?.code === MediaError.MEDIA_ERR_NETWORK ? "network" : "unsupported"));
    } catch (error) {
      this.#refused(error);
    }
  }
}
