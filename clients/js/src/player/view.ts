import type { ReadyDetail } from "./events.js";
import { seekByKeys } from "./keys.js";
import { prepareMediaChrome } from "./media_chrome.js";
import { STYLES } from "./styles.js";
import { labels, type Language, type Message } from "./words.js";

/** In place of a text, which would not be in the button's name. */
const SPEED = `<svg slot="icon" aria-hidden="true" viewBox="0 0 24 24">
<path d="M12 5a9 9 0 0 0-7.3 14.3l1.6-1.2a7 7 0 1 1 11.4 0l1.6 1.2A9 9 0 0 0 12 5zm4.8 4.3-5.5 3.9a1.8 1.8 0 1 0 2.1 2.1z"/></svg>`;

const MARKUP = `
<media-controller part="controller" defaultstreamtype="on-demand" hotkeys="noshift+/"
  keyboardbackwardseekoffset="5" keyboardforwardseekoffset="5" keyboardupvolumestep="0.1" keyboarddownvolumestep="0.1">
  <video slot="media" part="video" playsinline preload="none"></video>
  <media-poster-image slot="poster" part="poster"></media-poster-image>
  <div slot="top-chrome" class="title" part="title" dir="auto"></div>
  <media-loading-indicator slot="centered-chrome" part="loading" noautohide><span slot="icon" class="spinner"></span></media-loading-indicator>
  <media-play-button slot="centered-chrome" class="start" part="start" notooltip></media-play-button>
  <media-captions-menu part="menu captions-menu" hidden anchor="auto"></media-captions-menu>
  <media-playback-rate-menu part="menu rate-menu" hidden anchor="auto" rates="0.5 0.75 1 1.25 1.5 2"></media-playback-rate-menu>
  <div class="bottom" part="controls">
    <media-time-range part="seek-bar"></media-time-range>
    <media-control-bar part="control-bar" class="row">
      <media-play-button part="button play-button"></media-play-button>
      <media-mute-button part="button mute-button"></media-mute-button>
      <media-volume-range part="volume-bar"></media-volume-range>
      <media-time-display part="time" showduration notoggle></media-time-display>
      <span class="grow"></span>
      <media-captions-menu-button part="button captions-button"></media-captions-menu-button>
      <media-playback-rate-menu-button part="button rate-button">${SPEED}</media-playback-rate-menu-button>
      <media-airplay-button part="button airplay-button"></media-airplay-button>
      <media-pip-button part="button pip-button"></media-pip-button>
      <media-fullscreen-button part="button fullscreen-button"></media-fullscreen-button>
    </media-control-bar>
  </div>
</media-controller>
<div class="message" part="message" role="alert" tabindex="-1" hidden>
  <h2 part="message-title"></h2>
  <p part="message-text"></p>
  <button type="button" part="retry" hidden></button>
</div>`;

/** What viewers do, beyond what media-chrome does by itself. */
export interface Wishes {
  /** Somebody is about to seek: there must be something to seek in. */
  seeks(): void;
  /** Somebody is near the bar. */
  previews(): void;
  /** Somebody wants to try again. */
  again(): void;
}

/** media-chrome's, as far as it is used here. */
type Controller = HTMLElement & { fullscreenElement?: Element; mediaStore?: { dispatch(request: { type: string; detail: unknown }): void } };

/** What is known of a video before it plays. */
export type Known = Pick<ReadyDetail, "title" | "duration" | "width" | "height">;

/** What viewers see: the elements in the player's shadow root. Knows nothing of where the video comes from. */
export class View {
  readonly video: HTMLVideoElement;
  readonly #root: ShadowRoot;
  readonly #controller: Controller;
  readonly #message: HTMLElement;
  #expected = 0;

  constructor(host: HTMLElement, root: ShadowRoot, { seeks, previews, again }: Wishes) {
    prepareMediaChrome();
    this.#root = root;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    const template = document.createElement("template");
    template.innerHTML = MARKUP;
    root.append(document.importNode(template.content, true));
    this.video = this.#find("video");
    this.#controller = this.#find("media-controller");
    this.#message = this.#find(".message");
    this.#controller.fullscreenElement = host; // with the message, which is beside the controller
    this.#controller.addEventListener("mediaseekrequest", seeks, { capture: true });
    for (const kind of ["pointerover", "focusin"]) this.#controller.addEventListener(kind, previews);
    this.#find("button[part=retry]").addEventListener("click", again);
    this.#find(".start").addEventListener("click", () => this.#playButton.focus()); // it goes away, and keys are for what has the focus
    seekByKeys(this.#controller, (share) => this.#seekTo(share));
  }

  /** Show what is known of a video before it plays. */
  ready(video: Known): void {
    this.#find(".title").textContent = video.title;
    this.#duration = video.duration;
    if (video.width && video.height) this.#controller.style.setProperty("--_ratio", `${video.width} / ${video.height}`);
    this.#controller.toggleAttribute("data-ready", true);
  }

  /** Show nothing of the last video. */
  clear(): void {
    this.#find(".title").textContent = "";
    this.poster = null;
    this.#duration = null;
    this.#controller.removeAttribute("data-ready");
    this.#controller.style.removeProperty("--_ratio");
    this.unsay();
  }

  /** The address of the picture that is shown before the video plays. */
  set poster(url: string | null) {
    const poster = this.#find("media-poster-image");
    if (url) poster.setAttribute("src", url);
    else poster.removeAttribute("src");
  }

  /** Speak a language. media-chrome has one for all players of a page. */
  set language(language: Language) {
    const words = labels(language);
    this.#controller.setAttribute("lang", language);
    this.#message.setAttribute("lang", language);
    this.#find("button[part=retry]").textContent = words.again;
  }

  /** Say why the video does not play, in place of the controls. */
  say({ title, text }: Message, mayRetry: boolean): void {
    const hadFocus = this.#controller.contains(this.#root.activeElement);
    this.#find("h2").textContent = title;
    this.#find("p").textContent = text;
    const retry = this.#find("button[part=retry]");
    retry.hidden = !mayRetry;
    this.#controller.inert = true;
    this.#message.hidden = false;
    if (this.#root.pictureInPictureElement) void document.exitPictureInPicture(); // or nobody would see it
    if (hadFocus) (mayRetry ? retry : this.#message).focus();
  }

  /** Show the controls again. */
  unsay(): void {
    const hadFocus = this.#message.contains(this.#root.activeElement);
    this.#message.hidden = true;
    this.#controller.inert = false;
    if (hadFocus) this.#playButton.focus();
  }

  /** What is shown and sought in before the video says how long it is. media-chrome reads the attribute for it only once. */
  set #duration(seconds: number | null) {
    this.#expected = seconds ?? 0;
    this.#controller.mediaStore?.dispatch({ type: "optionschangerequest", detail: { defaultDuration: seconds ?? undefined } });
  }

  #seekTo(share: number): void {
    const seconds = Number.isFinite(this.video.duration) ? this.video.duration : this.#expected;
    if (!seconds) return;
    const detail = share * seconds;
    this.#controller.dispatchEvent(new CustomEvent("mediaseekrequest", { detail, bubbles: true, composed: true }));
  }

  get #playButton(): HTMLElement {
    return this.#find("media-control-bar media-play-button");
  }

  #find<Found extends HTMLElement>(selector: string): Found {
    return this.#root.querySelector(selector) as Found;
  }
}
