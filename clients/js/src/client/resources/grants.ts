/** `reelgate.grants`: links by which people without an account watch a video. */
import { newKey } from "../idempotency.js";
import type { Reelgate } from "../reelgate.js";
import type { AnswerOf, CreatedGrant, Grant, GrantTerms } from "../types.js";
import type { PageQuery } from "./videos.js";

/** Links to a video. */
export class Grants {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** Make a link. Without terms it works for a week. `watch_url` is shown this once. */
  create(videoId: string, terms: GrantTerms = {}): Promise<CreatedGrant> {
    return this.#reelgate.request("POST", "/v1/videos/{video_id}/grants", {
      params: { path: { video_id: videoId } },
      body: terms,
      idempotencyKey: newKey(),
    });
  }

  /** The links of a video, with their plays and state. */
  list(videoId: string, query: PageQuery = {}, signal?: AbortSignal): Promise<AnswerOf<"/v1/videos/{video_id}/grants", "GET">> {
    return this.#reelgate.request("GET", "/v1/videos/{video_id}/grants", { params: { path: { video_id: videoId }, query }, signal });
  }

  /** Show one. */
  get(id: string): Promise<Grant> {
    return this.#reelgate.request("GET", "/v1/grants/{grant_id}", { params: { path: { grant_id: id } } });
  }

  /** End one. Repeating it is safe. */
  async revoke(id: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/grants/{grant_id}", { params: { path: { grant_id: id } } });
  }

  /** End all links of a video. */
  async revokeAll(videoId: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/videos/{video_id}/grants", { params: { path: { video_id: videoId } } });
  }
}
