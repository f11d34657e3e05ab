/** `reelgate.videos` and `reelgate.trash`. */
import type { Reelgate } from "../reelgate.js";
import type { AnswerOf, AudioUrl, Captions, QueryOf, Trash, Video, VideoUrl } from "../types.js";

/** Filters, order and page of `videos.list`. */
export type VideoQuery = { [K in keyof QueryOf<"/v1/videos", "GET">]?: QueryOf<"/v1/videos", "GET">[K] | null | undefined };
/** Which page of a list. */
export interface PageQuery {
  cursor?: string | null | undefined;
  limit?: number | null | undefined;
}

/** Videos: lists, titles, URLs, captions, MP3s. */
export class Videos {
  readonly #reelgate: Reelgate;
  /** MP3s. */
  readonly audio: Audio;
  /** Captions and subtitles, as WebVTT. */
  readonly captions: CaptionFiles;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
    this.audio = new Audio(reelgate);
    this.captions = new CaptionFiles(reelgate);
  }

  /** List, search and sort. A page of a search can be short although there are more: go on until `next_cursor` is null. */
  list(query: VideoQuery = {}, signal?: AbortSignal): Promise<AnswerOf<"/v1/videos", "GET">> {
    return this.#reelgate.request("GET", "/v1/videos", { params: { query }, signal });
  }

  /** Show one, also in the trash. */
  get(id: string, signal?: AbortSignal): Promise<Video> {
    return this.#reelgate.request("GET", "/v1/videos/{video_id}", { params: { path: { video_id: id } }, signal });
  }

  /** Set the title; null removes it, then the file name counts. */
  rename(id: string, title: string | null): Promise<Video> {
    return this.#reelgate.request("PATCH", "/v1/videos/{video_id}", { params: { path: { video_id: id } }, body: { title } });
  }

  /** Move to the trash. Repeating it is safe. */
  async delete(id: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/videos/{video_id}", { params: { path: { video_id: id } } });
  }

  /** Take back from the trash. Throws `storage_limit_exceeded`, `name_taken`. */
  restore(id: string): Promise<Video> {
    return this.#reelgate.request("POST", "/v1/videos/{video_id}/restore", { params: { path: { video_id: id } }, idempotent: true });
  }

  /**
   * A URL for a player, or with `download` one for saving the file under its name. It works for an hour at least, and the first
   * of an hour charges the size of the file to the day's bandwidth.
   */
  url(id: string, options: { download?: boolean } = {}): Promise<VideoUrl> {
    const query = options.download ? { download: true } : {};
    return this.#reelgate.request("GET", "/v1/videos/{video_id}/url", { params: { path: { video_id: id }, query } });
  }

  /** Have it prepared for playing in pieces (HLS), where that does not happen by itself. */
  packageHls(id: string): Promise<Video> {
    return this.#reelgate.request("POST", "/v1/videos/{video_id}/hls", { params: { path: { video_id: id } }, idempotent: true });
  }
}

/** `reelgate.videos.audio`. */
export class Audio {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** Have an MP3 made, where that does not happen by itself, or again. The video's `audio.state` says how far it is. */
  request(videoId: string): Promise<Video> {
    return this.#reelgate.request("POST", "/v1/videos/{video_id}/audio", { params: { path: { video_id: videoId } }, idempotent: true });
  }

  /** A URL of the MP3. Throws `audio_not_ready`. */
  url(videoId: string): Promise<AudioUrl> {
    return this.#reelgate.request("GET", "/v1/videos/{video_id}/audio-url", { params: { path: { video_id: videoId } } });
  }
}

/** `reelgate.videos.captions`. */
export class CaptionFiles {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** Set the captions in a language (BCP 47). Throws `invalid_captions` with the first wrong line. */
  async put(videoId: string, language: string, text: string | Blob, options: { label?: string; default?: boolean } = {}): Promise<Captions> {
    return this.#reelgate.request("PUT", "/v1/videos/{video_id}/captions/{language}", {
      params: { path: { video_id: videoId, language }, query: options },
      body: typeof text === "string" ? text : await text.text(),
      headers: { "Content-Type": "text/vtt" },
    });
  }

  /** Remove the captions in a language. Repeating it is safe. */
  async delete(videoId: string, language: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/videos/{video_id}/captions/{language}", { params: { path: { video_id: videoId, language } } });
  }

  /** The captions in a language, as WebVTT. */
  get(videoId: string, language: string): Promise<string> {
    return this.#reelgate.request("GET", "/v1/videos/{video_id}/captions/{language}", {
      params: { path: { video_id: videoId, language } },
      headers: { Accept: "text/vtt, application/problem+json" },
    });
  }
}

/** `reelgate.trash`. */
export class TrashBin {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** What is in the trash, last deleted first, with how much is in all of it. */
  list(query: PageQuery = {}, signal?: AbortSignal): Promise<Trash> {
    return this.#reelgate.request("GET", "/v1/trash", { params: { query }, signal });
  }

  /** Remove everything in it for good. Returns how many videos that were. */
  async empty(signal?: AbortSignal): Promise<number> {
    for (let purged = 0; ; ) {
      const answer = await this.#reelgate.request("DELETE", "/v1/trash", { signal });
      purged += answer.purged;
      if (answer.complete) return purged;
    }
  }

  /** Remove one video for good. Repeating it is safe. */
  async purge(id: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/trash/{video_id}", { params: { path: { video_id: id } } });
  }
}
