/** What the build takes from elsewhere: the watch page's own modules (by esbuild's `alias`), and hls.js without its types. */

declare module "@reelgate/watch/assets/play_api.js" {
  /** The API, or the way to it, has said no. */
  export class Refusal extends Error {
    constructor(code: string, more?: { retryAfter?: number; retryAt?: string | null });
    readonly code: string;
    /** Seconds; 0 if nobody has said. */
    readonly retryAfter: number;
    readonly retryAt: string | null | undefined;
  }

  export class PlayApi {
    constructor(playUrl: string);
    play(): Promise<import("./address.js").Play>;
    fileUrl(key: string): Promise<{ url: string }>;
    close(): void;
  }
}

declare module "@reelgate/watch/assets/playback.js" {
  import type { Refusal } from "@reelgate/watch/assets/play_api.js";
  import type { Play, PlaySource } from "./address.js";

  /** Return whether it can help to try again. */
  export function mayPass(refusal: Refusal): boolean;

  export interface Listener {
    ready(play: Play): void;
    starts(): void;
    refused(refusal: Refusal): void;
    goesOn(isStarted: boolean): void;
  }

  export class Playback {
    constructor(video: HTMLVideoElement, api: PlaySource, listener: Listener, hls?: unknown);
    open(): Promise<void>;
    start(): Promise<void>;
    goOn(): void;
    close(): void;
  }
}

declare module "@reelgate/watch/assets/sprites.js" {
  export interface Tile {
    from: number;
    until: number;
    url: string;
    x: number;
    y: number;
    width: number;
    height: number;
  }

  export function tilesIn(vtt: string, base: string): Tile[];
}

declare module "@reelgate/watch/messages.json" {
  const messages: Record<"en" | "de", Record<string, { title: string; text: string }>>;
  export default messages;
}

declare module "hls.js/light" {
  export { default } from "hls.js";
}
