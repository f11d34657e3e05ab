/** What `ready` says. */
export interface ReadyDetail {
  /** Empty for a `src`. */
  title: string;
  /** Seconds; null if it is not known before the video plays. */
  duration: number | null;
  /** Pixels. */
  width: number | null;
  height: number | null;
}

/** What `refused`, `revoked` and `budgetexhausted` say. */
export interface RefusedDetail {
  /**
   * That of the API's problem (`grant_revoked`, `grant_expired`, `bandwidth_limit_exceeded`, ...), or `network`, `unavailable`,
   * `not_playable`, `unsupported`, `unknown`.
   */
  code: string;
  /** A heading and a sentence for viewers, in the player's language. */
  message: string;
  /** When it can work again (ISO 8601), if that is known. */
  retryAt: string | null;
}

/** The player's own events, by name. Those of the <video> come, too, by their names, without bubbling. */
export interface ReelgatePlayerEventMap {
  /** It can be played. Nothing of the video is loaded or charged before somebody plays it. */
  ready: CustomEvent<ReadyDetail>;
  /** It has stopped, or cannot begin; viewers see why. Comes for every reason, also with the two below. */
  refused: CustomEvent<RefusedDetail>;
  /** It has stopped because its owner has taken the link back. */
  revoked: CustomEvent<RefusedDetail>;
  /** It has stopped because the grant's plays or bytes, or the owner's day, are used up. */
  budgetexhausted: CustomEvent<RefusedDetail>;
}

/** Those of the <video> that the player repeats. */
export const MEDIA_EVENTS = [
  "play",
  "playing",
  "pause",
  "ended",
  "waiting",
  "seeking",
  "seeked",
  "timeupdate",
  "durationchange",
  "loadedmetadata",
  "volumechange",
  "ratechange",
  "enterpictureinpicture",
  "leavepictureinpicture",
] as const;

/** The event that a refusal has beside `refused`. */
export const EVENT_OF_CODE: Readonly<Record<string, "revoked" | "budgetexhausted">> = {
  grant_revoked: "revoked",
  grant_used_up: "budgetexhausted",
  bandwidth_limit_exceeded: "budgetexhausted",
};
