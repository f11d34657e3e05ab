import type { ReelgateError } from "../client/errors.js";
import type { TransferState } from "./transfers/transfer.js";

/** A file in the uploader's list, as it is now. */
export interface UploaderItem {
  readonly file: File;
  readonly filename: string;
  readonly state: TransferState;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Why it failed, as a sentence for the user in the uploader's language. */
  readonly problem: string | null;
  readonly error: ReelgateError | null;
  /** The video, once there is one. */
  readonly videoId: string | null;
}

/** The events of `<reelgate-uploader>`. Names and details are those of `<mux-uploader>`; what is added to a detail is optional to know. */
export interface UploaderEventMap {
  /** A file was chosen. `preventDefault()` leaves it out. Dispatched by a page, it uploads the file. Bubbles. */
  "file-ready": CustomEvent<File>;
  uploadstart: CustomEvent<{ file: File; chunkSize: number }>;
  chunkattempt: CustomEvent<{ chunkNumber: number; chunkSize: number; file: File }>;
  chunksuccess: CustomEvent<{ chunk: number; chunkSize: number; attempts: number; timeInterval: number; response: unknown; file: File }>;
  /** Percent of all bytes of the files that are under way or done. */
  progress: CustomEvent<number>;
  /** All bytes of a file have arrived. */
  success: CustomEvent<{ file: File }>;
  uploaderror: CustomEvent<{ message: string; file: File | null; code: string }>;
  /** A file has become a video. */
  ready: CustomEvent<{ videoId: string; file: File }>;
  /** Files came, went, or are in another state. */
  queuechange: CustomEvent<{ items: readonly UploaderItem[] }>;
  pausedchange: CustomEvent<boolean>;
  localechange: CustomEvent<{ locale: string | null }>;
  offline: CustomEvent<null>;
  online: CustomEvent<null>;
}
