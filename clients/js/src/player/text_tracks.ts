/** Captions, and small pictures to seek by, of a <video>: read from the API when somebody wants to see them. */
import { tilesIn } from "@reelgate/watch/assets/sprites.js";
import type { Caption } from "./address.js";

/**
 * The texts of one video. They are fetched and handed to the <video> as `blob:` URLs: an own <track> on another origin would ask
 * for CORS of the video, too, which a signed URL of a file may not have.
 */
export class TextTracks {
  readonly #video: HTMLVideoElement;
  readonly #closing = new AbortController();
  readonly #urls = new Map<HTMLTrackElement, string>();
  readonly #made: HTMLTrackElement[] = [];
  #previewsOf: string | null = null;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    video.textTracks.addEventListener("change", () => this.#loadShown(), { signal: this.#closing.signal });
  }

  /** Offer captions. Those that are the default are shown. */
  addCaptions(captions: readonly Caption[]): void {
    for (const { language, label, url, default: isDefault } of captions) {
      const track = this.#add("captions", language, label);
      this.#urls.set(track, url);
      track.track.mode = isDefault ? "showing" : "disabled";
    }
    this.#loadShown();
  }

  /** Offer the pictures of a WebVTT file that names parts of larger ones. They are read at `loadPreviews`. */
  addPreviews(url: string): void {
    this.#previewsOf = url;
  }

  /** Read the pictures' places, once. */
  async loadPreviews(): Promise<void> {
    const url = this.#previewsOf;
    this.#previewsOf = null;
    const text = url && (await this.#fetch(url));
    if (!text) return;
    const cues = tilesIn(text, url).map((tile) => {
      const times = `${clock(tile.from)} --> ${clock(tile.until)}`;
      return `${times}\n${tile.url}#xywh=${tile.x},${tile.y},${tile.width},${tile.height}`;
    });
    const track = this.#add("metadata", "", "thumbnails"); // the label by which media-chrome finds it
    track.track.mode = "hidden";
    track.src = this.#blob(["WEBVTT", ...cues].join("\n\n"));
  }

  /** Take them away. */
  close(): void {
    this.#closing.abort();
    for (const track of this.#made) {
      if (track.src) URL.revokeObjectURL(track.src);
      track.remove();
    }
  }

  #add(kind: string, srclang: string, label: string): HTMLTrackElement {
    const track = Object.assign(document.createElement("track"), { kind, srclang, label });
    this.#video.append(track);
    this.#made.push(track);
    return track;
  }

  #loadShown(): void {
    for (const [track, url] of this.#urls) if (track.track.mode === "showing") void this.#load(track, url);
  }

  async #load(track: HTMLTrackElement, url: string): Promise<void> {
    this.#urls.delete(track);
    const text = await this.#fetch(url);
    if (text !== null) track.src = this.#blob(text);
    else if (!this.#closing.signal.aborted) this.#urls.set(track, url); // asked for again when it is chosen again
  }

  async #fetch(url: string): Promise<string | null> {
    const { signal } = this.#closing;
    try {
      const response = await fetch(url, { credentials: "omit", signal });
      const text = response.ok ? await response.text() : null;
      return signal.aborted ? null : text;
    } catch {
      return null; // the video plays without them
    }
  }

  #blob(text: string): string {
    return URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
  }
}

/** Return seconds as WebVTT has them. */
function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(hours)}:${two(minutes)}:${(seconds % 60).toFixed(3).padStart(6, "0")}`;
}
