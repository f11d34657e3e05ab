import type { Reelgate, Video } from "@reelgate/client";
import type { ReelgatePlayer, RefusedDetail } from "@reelgate/client/player";
import { titleOf } from "../library/video_card.tsx";
import { languageName } from "./languages.ts";

/** What a browser says that does not know the format of a file. */
const UNPLAYABLE = ["not_playable", "unsupported"];
const GRANT_SECONDS = 12 * 3600;
/** A URL is replaced by a fresh one when it has less than this to live, so that it does not end on its way. */
const SPARE_MILLISECONDS = 30_000;

/** Feeds a player with the owner's own video, for as long as the page is open. */
export class OwnersPlayback {
  readonly #reelgate: Reelgate;
  readonly #video: Video;
  readonly #player: ReelgatePlayer;
  readonly #closing = new AbortController();
  readonly #tracks: HTMLTrackElement[] = [];
  #expiresAt = Infinity;
  #grantId: string | null = null;
  #renewing = false;
  #captionsTurn = 0;

  constructor(reelgate: Reelgate, video: Video, player: ReelgatePlayer) {
    this.#reelgate = reelgate;
    this.#video = video;
    this.#player = player;
    const { signal } = this.#closing;
    player.addEventListener("refused", (event) => void this.#refused((event as CustomEvent<RefusedDetail>).detail), { signal });
    player.video.addEventListener("play", () => void (this.#isOver() && this.#renew()), { signal });
  }

  /** Asks for the URL, and plays it as soon as the player is in the page. Throws ReelgateError. */
  async open(): Promise<void> {
    this.#player.autoplay = true;
    await this.#use();
    void this.showCaptions(this.#video);
  }

  /** Offers the video's captions, those that there are now. */
  async showCaptions(video: Video): Promise<void> {
    const turn = ++this.#captionsTurn;
    if (this.#grantId !== null) return; // a grant brings them along
    const texts = await Promise.all(
      video.captions.map((one) => this.#reelgate.videos.captions.get(video.video_id, one.language).catch(() => null)), // it plays without them
    );
    if (turn !== this.#captionsTurn || this.#closing.signal.aborted) return;
    this.#removeTracks();
    video.captions.forEach(({ language, label, default: isDefault }, index) => {
      const text = texts[index];
      if (text === null || text === undefined) return;
      const track = document.createElement("track");
      Object.assign(track, { kind: "captions", srclang: language, label: label ?? languageName(language), default: isDefault });
      track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
      this.#player.video.append(track);
      this.#tracks.push(track);
    });
  }

  /** Ends: nothing plays, and the link of this page, if there was one, is revoked. */
  close(): void {
    this.#closing.abort();
    this.#player.remove();
    this.#removeTracks();
    if (this.#grantId !== null) void this.#reelgate.grants.revoke(this.#grantId).catch(() => undefined); // it ends by itself, too
  }

  async #use(): Promise<void> {
    const { url, expires_at } = await this.#reelgate.videos.url(this.#video.video_id);
    this.#expiresAt = Date.parse(expires_at);
    this.#player.setAttribute("type", this.#video.content_type);
    this.#player.src = url;
  }

  #isOver(): boolean {
    return Date.now() > this.#expiresAt - SPARE_MILLISECONDS;
  }

  /** Goes on where it was with a fresh URL: a video that was paused for long. */
  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    const { video } = this.#player;
    const position = video.currentTime;
    try {
      await this.#use();
      video.addEventListener("loadedmetadata", () => (video.currentTime = position), { once: true, signal: this.#closing.signal });
    } catch {
      // what is loaded plays on, and the player says why it stops
    } finally {
      this.#renewing = false;
    }
  }

  async #refused({ code }: RefusedDetail): Promise<void> {
    if (this.#grantId !== null) return;
    if (this.#isOver()) return this.#renew();
    if (!UNPLAYABLE.includes(code) || this.#video.playback.state !== "ready") return;
    try {
      const grant = await this.#reelgate.grants.create(this.#video.video_id, {
        label: `Watching “${titleOf(this.#video)}” in the console`.slice(0, 100),
        seconds: GRANT_SECONDS,
        max_plays: 1,
        origins: [location.origin],
      });
      this.#grantId = grant.grant_id;
      this.#expiresAt = Infinity;
      if (this.#closing.signal.aborted) return this.close();
      this.#removeTracks();
      this.#player.removeAttribute("src");
      this.#player.removeAttribute("type");
      this.#player.grant = grant.token;
    } catch {
      // the player has said that this browser cannot play it
    }
  }

  #removeTracks(): void {
    for (const track of this.#tracks.splice(0)) {
      URL.revokeObjectURL(track.src);
      track.remove();
    }
  }
}
