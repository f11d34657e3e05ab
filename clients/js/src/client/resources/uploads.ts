/** `reelgate.uploads`: what is known of uploads, also of other devices. To send a file, use `reelgate.upload(file)`. */
import type { Reelgate } from "../reelgate.js";
import type { AnswerOf, CheckedSizes, UploadInfo } from "../types.js";
import type { PageQuery } from "./videos.js";

/** The API checks that many files in one request. */
const MOST_AT_ONCE = 1000;

/** Open uploads, and whether files would fit. */
export class Uploads {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /**
   * Whether files would fit, in their order, each after the ones before it that do. Nothing is reserved. Takes files, or their
   * sizes; `items[i].detail` is a sentence for the user where one would not fit.
   */
  check(files: readonly ({ readonly size: number } | number)[], signal?: AbortSignal): Promise<CheckedSizes> {
    const sizes = files.slice(0, MOST_AT_ONCE).map((file) => (typeof file === "number" ? file : file.size));
    return this.#reelgate.request("POST", "/v1/uploads/check", { body: { sizes }, idempotent: true, signal });
  }

  /** The open uploads, oldest first. */
  list(query: PageQuery = {}, signal?: AbortSignal): Promise<AnswerOf<"/v1/uploads", "GET">> {
    return this.#reelgate.request("GET", "/v1/uploads", { params: { query }, signal });
  }

  /** How far an upload is, or how it ended. */
  get(id: string, signal?: AbortSignal): Promise<UploadInfo> {
    return this.#reelgate.request("GET", "/v1/uploads/{upload_id}", { params: { path: { upload_id: id } }, signal });
  }

  /** Cancel an upload, also one of another device: its name and bytes are free at once. Repeating it is safe. */
  async cancel(id: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/uploads/{upload_id}", { params: { path: { upload_id: id } } });
  }
}
