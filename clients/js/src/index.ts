/**
 * Reelgate's client for browsers and Node.
 *
 * @packageDocumentation
 */
export { Auth, type Session } from "./client/auth.js";
export { type ClientErrorCode, type ErrorFacts, type Problem, ReelgateError } from "./client/errors.js";
export { pages } from "./client/pages.js";
export { Reelgate, type ReelgateOptions } from "./client/reelgate.js";
export { describe } from "./client/sentences.js";
export { memoryStore, type SessionStore, tabStore } from "./client/session_stores.js";
export type * from "./client/types.js";
export type { components, paths } from "./client/schema.js";
export type { PageQuery, VideoQuery } from "./client/resources/videos.js";
export { combineCrc32c, crc32c, crc32cBase64 } from "./checksums/crc32c.js";
export { Upload, type UploadOptions, type UploadState } from "./uploads/upload.js";
export { UploadQueue, type UploadQueueOptions } from "./uploads/upload_queue.js";
