/** The client of one deployment. */
import { Upload, type UploadOptions } from "../uploads/upload.js";
import { Auth, GivenTokens } from "./auth.js";
import { Account, Usage } from "./resources/account.js";
import { Admin } from "./resources/admin.js";
import { Grants } from "./resources/grants.js";
import { Uploads } from "./resources/uploads.js";
import { TrashBin, Videos } from "./resources/videos.js";
import { ReelgateError } from "./errors.js";
import { memoryStore, type SessionStore } from "./session_stores.js";
import { Transport } from "./transport.js";
import type { AnswerOf, ApiPath, MethodOf, RequestOptions } from "./types.js";
import { Pauses } from "./waiting.js";

/** How to reach a deployment, and as whom. */
export interface ReelgateOptions {
  /** Where the API is: `"https://api.example.com"`, or `location.origin`. */
  endpoint: string;
  /** An API key (`rgk_...`), for servers and scripts. Never in a web page. */
  apiKey?: string;
  /** A token of one's own issuer, or a function that returns a fresh one. Without it and `apiKey`, sign in by `auth`. */
  token?: string | (() => string | Promise<string>);
  /** Where the refresh token lives: `memoryStore()` (the default) or `tabStore()`. */
  sessionStore?: SessionStore;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
  /** Where a bundler has put `@reelgate/client/crc32c_worker.js`, if not next to this script. `null`: no worker. */
  workerUrl?: string | URL | null;
  /** Seconds of the first pause before something is tried again; each further one is about twice as long. By default 1. */
  firstPauseSeconds?: number;
}

/** The client of one deployment: `new Reelgate({ endpoint: location.origin })`. */
export class Reelgate {
  /** Signing in and out. Not used with `apiKey` or `token`. */
  readonly auth: Auth;
  /** Open uploads, of all devices, and whether files would fit. */
  readonly uploads: Uploads;
  /** The library. */
  readonly videos: Videos;
  /** Deleted videos. */
  readonly trash: TrashBin;
  /** Links by which people without an account watch. */
  readonly grants: Grants;
  /** What was used, and what is left. */
  readonly usage: Usage;
  /** The caller's own account, and its API keys. */
  readonly me: Account;
  /** For admins only. */
  readonly admin: Admin;
  /** @internal */
  readonly transport: Transport;
  /** @internal */
  readonly pauses: Pauses;
  /** @internal The `fetch` that was given; null: the browser's means, with progress. */
  readonly fetcher: typeof fetch | null;
  /** @internal */
  readonly workerUrl: string | URL | null | undefined;

  constructor(options: ReelgateOptions) {
    this.auth = new Auth(options.sessionStore ?? memoryStore());
    const given = options.apiKey ?? options.token;
    this.pauses = new Pauses(options.firstPauseSeconds);
    this.fetcher = options.fetch ?? null;
    this.transport = new Transport(options.endpoint, given === undefined ? this.auth : new GivenTokens(given), this.pauses, options.fetch);
    this.auth.connect(this.transport);
    this.workerUrl = options.workerUrl;
    this.uploads = new Uploads(this);
    this.videos = new Videos(this);
    this.trash = new TrashBin(this);
    this.grants = new Grants(this);
    this.usage = new Usage(this);
    this.me = new Account(this);
    this.admin = new Admin(this);
  }

  /**
   * Any operation of the API, typed by `openapi.yaml`:
   * `reelgate.request("GET", "/v1/videos/{video_id}", { params: { path: { video_id } } })`.
   * Repeats what may be repeated after 408, 429, 5xx and lost networks. Throws ReelgateError.
   */
  async request<P extends ApiPath, M extends MethodOf<P>>(method: M, path: P, options: RequestOptions<P, M> = {}): Promise<AnswerOf<P, M>> {
    const headers = { ...options.headers };
    if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
    const answer = await this.transport.send({
      method,
      path: filled(path, options.params as Params | undefined),
      body: options.body,
      headers,
      signal: options.signal,
      idempotent: options.idempotent ?? (method !== "POST" || options.idempotencyKey !== undefined),
      authorized: options.authorized ?? true,
    });
    const text = await answer.text();
    if (text === "") return undefined as AnswerOf<P, M>;
    const isJson = /[/+]json\b/.test(answer.headers.get("Content-Type") ?? "");
    return (isJson ? JSON.parse(text) : text) as AnswerOf<P, M>;
  }

  /** Send a file. It begins at once; `upload.done` is the video. */
  upload(file: File | Blob, options: UploadOptions = {}): Upload {
    const upload = new Upload(this, file, options);
    upload.start();
    return upload;
  }
}

interface Params {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
}

/** A path with its parameters and its query. */
function filled(path: string, params: Params = {}): string {
  const full = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params.path?.[name] ?? "");
    if (/^\.{0,2}$/.test(value)) throw new ReelgateError("not_found"); // "..", even encoded, would ask for another path
    return encodeURIComponent(value);
  });
  const query = Object.entries(params.query ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return query.length === 0 ? full : `${full}?${new URLSearchParams(query.map(([name, value]) => [name, String(value)]))}`;
}
