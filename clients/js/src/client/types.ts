/** The shapes of the API by short names. They come from `openapi.yaml` (`schema.d.ts` is made at each build). */
import type { components, paths } from "./schema.js";

/** A shape of the API by its name in `openapi.yaml`. */
export type Schema<N extends keyof components["schemas"]> = components["schemas"][N];

/** A video of the library or the trash. */
export type Video = Schema<"Video">;
/** An upload as the API shows it. (The class `Upload` is one that this page is sending.) */
export type UploadInfo = Schema<"Upload">;
/** What would fit, as `uploads.check` answers. */
export type CheckedSizes = Schema<"CheckedSizes">;
/** A page of the trash, and how much is in all of it. */
export type Trash = Schema<"Trash">;
/** Captions of a video in one language. */
export type Captions = Schema<"Captions">;
/** A link by which people without an account watch a video. */
export type Grant = Schema<"PlaybackGrant">;
/** A link that was just made, with its token and address, which are shown this once. */
export type CreatedGrant = Schema<"CreatedPlaybackGrant">;
/** What a new link allows. */
export type GrantTerms = Schema<"NewPlaybackGrant">;
/** Storage and the day's bandwidth now. */
export type CurrentUsage = Schema<"CurrentUsage">;
/** What was used on a day. */
export type UsageDay = Schema<"UsageDay">;
/** The days of a range, and their sum. */
export type UsageDays = Schema<"UsageDayList">;
/** One movement of the books. */
export type LedgerEntry = Schema<"LedgerEntry">;
/** The caller's own account. */
export type Me = Schema<"Me">;
/** Everything about the caller, a page of it. */
export type UserExport = Schema<"UserExport">;
/** An API key without the key itself. */
export type ApiKey = Schema<"ApiKey">;
/** An API key that was just made. `key` is shown this once. */
export type CreatedApiKey = Schema<"CreatedApiKey">;
/** A user, as admins see one. */
export type User = Schema<"User">;
/** A line of an invoice. */
export type InvoicedUser = Schema<"InvoicedUser">;
/** Somebody's action in the audit log. */
export type AuditEvent = Schema<"AuditEvent">;
/** A mail or webhook that was sent, or will be. */
export type Delivery = Schema<"NotificationDelivery">;
/** A signed URL of a video. Whoever has it can use it until it expires. */
export type VideoUrl = Schema<"SignedVideoUrl">;
/** A signed URL of an MP3. */
export type AudioUrl = Schema<"SignedAudioUrl">;

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** A path of the API as `openapi.yaml` writes it. */
export type ApiPath = keyof paths;

type LowerMethod = "get" | "post" | "put" | "patch" | "delete";

/** The methods that a path has. */
export type MethodOf<P extends ApiPath> = {
  [M in LowerMethod]: paths[P][M] extends { responses: unknown } ? Uppercase<M> : never;
}[LowerMethod];

type Operation<P extends ApiPath, M> = M extends string
  ? Lowercase<M> extends keyof paths[P]
    ? paths[P][Lowercase<M>]
    : never
  : never;

type Parameters<P extends ApiPath, M, Where extends string> =
  Operation<P, M> extends { parameters: infer Given }
    ? Where extends keyof Given
      ? Given[Where]
      : never
    : never;

/** The query parameters of an operation. */
export type QueryOf<P extends ApiPath, M> = NonNullable<Parameters<P, M, "query">>;
/** The path parameters of an operation. */
export type PathOf<P extends ApiPath, M> = NonNullable<Parameters<P, M, "path">>;
/** The body that an operation takes. */
export type BodyOf<P extends ApiPath, M> =
  Operation<P, M> extends { requestBody?: infer Body }
    ? NonNullable<Body> extends { content: infer Content }
      ? Content[keyof Content]
      : undefined
    : undefined;

type Content<R> = R extends { content: infer C } ? C[keyof C] : undefined;

/** What an operation answers when it succeeds; `undefined` for answers without a body. */
export type AnswerOf<P extends ApiPath, M> =
  Operation<P, M> extends { responses: infer R } ? Content<R[Extract<keyof R, 200 | 201 | 202 | 204>]> : never;

/** What a request carries beside method and path. */
export interface RequestOptions<P extends ApiPath, M> {
  /** Values for the braces of the path, and the query. Query values that are null or undefined are left out. */
  params?: { path?: PathOf<P, M>; query?: { [K in keyof QueryOf<P, M>]?: QueryOf<P, M>[K] | null | undefined } };
  /** Sent as JSON, unless it is text (captions). */
  body?: BodyOf<P, M>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Names what is intended, so that a repeated request does nothing twice. */
  idempotencyKey?: string;
  /** Whether the request may be repeated when its answer is lost. By default all but `POST`, and `POST` with a key. */
  idempotent?: boolean;
  /** `false`: without a token, as signing in is. */
  authorized?: boolean;
}
