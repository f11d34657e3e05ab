import Hls from "hls.js/light";
import { type Refusal } from "@reelgate/watch/assets/play_api.js";
import { mayPass, Playback } from "@reelgate/watch/assets/playback.js";
import { grantSource, openSource, playUrlOf, type Play, type PlaySource } from "./address.js";
import { EVENT_OF_CODE, MEDIA_EVENTS, type ReadyDetail, type RefusedDetail, type ReelgatePlayerEventMap } from "./events.js";
import { TextTracks } from "./text_tracks.js";
import { View } from "./view.js";
import { languageOf, messageOf } from "./words.js";

const Base = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement); // a server may import it

/**
 * `<reelgate-player>` plays a shared video by its grant, or any HLS or MP4.
 *
 * | attribute | |
 * |---|---|
 * | `grant` | a grant's token, or the link of its watch page |
 * | `api` | where the API is, for a token; otherwise the page's own origin, or that of the link |
 * | `src`, `type` | without a grant: a playlist or file. What does not end in `.m3u8` is a file, unless `type` says HLS |
 * | `poster` | a picture of yours instead of the video's |
 * | `autoplay`, `muted`, `loop` | as of `<video>`. Browsers refuse `autoplay` with sound before somebody has touched the page |
 * | `lang` | `en` or `de`; otherwise that of the page, or the viewer's |
 *
 * Parts: `controller`, `video`, `poster`, `title`, `loading`, `start`, `controls`, `seek-bar`, `control-bar`, `button` and each
 * button's own (`play-button`, `mute-button`, ...), `volume-bar`, `time`, `menu`, `message`, `message-title`, `message-text`, `retry`.
 * Custom properties: `--reelgate-accent`, `--reelgate-accent-text`, `--reelgate-text`, `--reelgate-glass`, `--reelgate-radius`,
 * `--reelgate-font`, and media-chrome's (`--media-*`).
 */
export class ReelgatePlayer extends Base {
  static readonly observedAttributes = ["grant", "api", "src", "type", "poster", "muted", "loop", "lang"];

  /** hls.js. The light one has no alternative audio: set the full one before the first player plays, if a `src` needs it. */
  static Hls: unknown = Hls;

  readonly #view: View;
  #playback: Playback | null = null;
  #tracks: TextTracks | null = null;
  #opened = "";
  #willOpen = false;
  #hasBegun = false;
  #refusal: RefusedDetail | null = null;
  #posterOfGrant: string | null = null;

  constructor() {
    super();
    const view = new View(this, this.attachShadow({ mode: "open" }), {
      seeks: () => void this.#playback?.start(),
      previews: () => void this.#tracks?.loadPreviews(),
      again: () => this.retry(),
    });
    this.#view = view;
    view.video.addEventListener("play", () => void this.#begin());
    for (const type of MEDIA_EVENTS) view.video.addEventListener(type, () => this.dispatchEvent(new Event(type)));
  }

  connectedCallback(): void {
    this.#view.language = languageOf(this);
    this.#openSoon();
  }

  disconnectedCallback(): void {
    this.#openSoon(); // not at once: an element that is moved goes on
  }

  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    const { video } = this;
    if (name === "poster") this.#view.poster = value ?? this.#posterOfGrant;
    else if (name === "lang") this.#view.language = languageOf(this);
    else if (name === "loop") video.loop = value !== null;
    else if (name === "muted") {
      video.toggleAttribute("muted", value !== null); // by it media-chrome knows that this is not the viewer's wish
      video.muted = value !== null;
    } else this.#openSoon();
  }

  /** The `<video>` itself. */
  get video(): HTMLVideoElement {
    return this.#view.video;
  }

  /** Why it does not play; null while it does or can. */
  get refusal(): RefusedDetail | null {
    return this.#refusal;
  }

  /** Play, from the beginning if it has ended. */
  async play(): Promise<void> {
    await this.video.play();
  }

  pause(): void {
    this.video.pause();
  }

  /** Try again what was refused. */
  retry(): void {
    if (this.#refusal) this.#playback?.goOn();
  }

  /** Seconds. */
  get currentTime(): number {
    return this.video.currentTime;
  }
  set currentTime(seconds: number) {
    void this.#playback?.start();
    this.video.currentTime = seconds;
  }

  get duration(): number {
    return this.video.duration;
  }
  get paused(): boolean {
    return this.video.paused;
  }
  get ended(): boolean {
    return this.video.ended;
  }

  /** 0 to 1. */
  get volume(): number {
    return this.video.volume;
  }
  set volume(volume: number) {
    this.video.volume = volume;
  }

  get muted(): boolean {
    return this.video.muted;
  }
  set muted(muted: boolean) {
    this.video.muted = muted;
  }

  get playbackRate(): number {
    return this.video.playbackRate;
  }
  set playbackRate(rate: number) {
    this.video.playbackRate = rate;
  }

  get grant(): string | null {
    return this.getAttribute("grant");
  }
  set grant(grant: string | null) {
    this.#reflect("grant", grant);
  }

  get api(): string | null {
    return this.getAttribute("api");
  }
  set api(api: string | null) {
    this.#reflect("api", api);
  }

  get src(): string | null {
    return this.getAttribute("src");
  }
  set src(src: string | null) {
    this.#reflect("src", src);
  }

  get poster(): string | null {
    return this.getAttribute("poster");
  }
  set poster(poster: string | null) {
    this.#reflect("poster", poster);
  }

  get autoplay(): boolean {
    return this.hasAttribute("autoplay");
  }
  set autoplay(autoplay: boolean) {
    this.toggleAttribute("autoplay", autoplay);
  }

  get loop(): boolean {
    return this.hasAttribute("loop");
  }
  set loop(loop: boolean) {
    this.toggleAttribute("loop", loop);
  }

  #reflect(name: string, value: string | null | undefined): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** Open what the attributes name, once they are all set. */
  #openSoon(): void {
    if (this.#willOpen) return;
    this.#willOpen = true;
    queueMicrotask(() => {
      this.#willOpen = false;
      const wanted = this.isConnected ? JSON.stringify(["grant", "api", "src", "type"].map((name) => this.getAttribute(name))) : "";
      if (wanted === this.#opened) return;
      this.#close();
      this.#opened = wanted;
      const source = this.#source();
      if (wanted && source) this.#open(source);
    });
  }

  #source(): PlaySource | null {
    const { grant, api, src } = this;
    if (grant) return grantSource(playUrlOf(grant, api, document.baseURI));
    return src ? openSource(src, this.getAttribute("type"), document.baseURI) : null;
  }

  /** Load what somebody plays for the first time. A file begins to play only when it is asked to after it has its address. */
  async #begin(): Promise<void> {
    const playback = this.#playback;
    if (!playback || this.#hasBegun) return;
    this.#hasBegun = true;
    await playback.start();
    if (playback === this.#playback) await this.play().catch(() => undefined); // why it fails is told by whoever has found it
  }

  #open(source: PlaySource): void {
    this.#hasBegun = false;
    const tracks = new TextTracks(this.video);
    this.#tracks = tracks;
    this.#playback = new Playback(
      this.video,
      source,
      {
        ready: (play) => this.#ready(play, tracks),
        starts: () => undefined, // media-chrome sees that it loads
        refused: (refusal) => this.#refused(refusal),
        goesOn: () => this.#goesOn(),
      },
      ReelgatePlayer.Hls,
    );
    void this.#playback.open();
  }

  #close(): void {
    this.video.pause();
    this.#playback?.close();
    this.#tracks?.close();
    this.#playback = this.#tracks = this.#refusal = this.#posterOfGrant = null;
    this.#view.clear();
    this.#view.poster = this.poster;
  }

  #ready(play: Play, tracks: TextTracks): void {
    const { title, duration_seconds: duration, width, height } = play;
    this.#posterOfGrant = play.poster?.url ?? null;
    this.#view.ready({ title, duration, width, height });
    this.#view.poster = this.poster ?? this.#posterOfGrant;
    tracks.addCaptions(play.captions);
    if (play.sprites) tracks.addPreviews(play.sprites.url);
    this.#tell<ReadyDetail>("ready", { title, duration, width, height });
    if (this.autoplay) this.play().catch(() => undefined); // a browser may want a touch first: the controls are there
  }

  #refused(refusal: Refusal): void {
    const said = messageOf(refusal.code, languageOf(this));
    this.#view.say(said, mayPass(refusal));
    if (refusal.code === "preparing") return; // goes on by itself
    const retryAt = refusal.retryAt ?? (refusal.retryAfter ? new Date(Date.now() + refusal.retryAfter * 1000).toISOString() : null);
    this.#refusal = { code: refusal.code, message: `${said.title}. ${said.text}`, retryAt };
    const own = EVENT_OF_CODE[refusal.code];
    if (own) this.#tell(own, this.#refusal);
    this.#tell("refused", this.#refusal);
  }

  #goesOn(): void {
    this.#refusal = null;
    this.#view.unsay();
  }

  #tell<Detail>(type: keyof ReelgatePlayerEventMap, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Adds the types of the player's own events. */
export interface ReelgatePlayer {
  addEventListener<Type extends keyof ReelgatePlayerEventMap>(
    type: Type,
    listener: (this: ReelgatePlayer, event: ReelgatePlayerEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}
