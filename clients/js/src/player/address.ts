import { PlayApi, Refusal } from "@reelgate/watch/assets/play_api.js";

/** What there is to play, as `GET /v1/play/{token}` says it. */
export interface Play {
  title: string;
  duration_seconds: number | null;
  width: number | null;
  height: number | null;
  poster: { url: string } | null;
  playback: { state: string };
  hls: { url: string; lease_url?: string; native_url: string } | null;
  sources: readonly { type: string }[];
  captions: readonly Caption[];
  sprites: { url: string } | null;
  lease_seconds: number;
}

/** Captions in one language. */
export interface Caption {
  language: string;
  label: string;
  url: string;
  default: boolean;
}

/** Where a player asks what there is to play. */
export interface PlaySource {
  play(): Promise<Play>;
  fileUrl(key: string): Promise<{ url: string }>;
  close(): void;
}

const HLS_TYPES = ["application/vnd.apple.mpegurl", "application/x-mpegurl"];
const OPEN_LEASE_SECONDS = 120; // what is open to all has no leases: the longest buffer that they would have

/**
 * Return the address of the play answer for a grant: a token, the link of the watch page, or the `play_url` of the grant.
 *
 * Links name their server themselves; `api` goes before it. Returns null for what can be none.
 */
export function playUrlOf(grant: string, api: string | null, base: string): string | null {
  const given = grant.trim();
  const isLink = /^https?:\/\//i.test(given);
  const found = /(?:^|\/(?:watch|v1\/play)\/)([\w.~-]+)\/?$/.exec(isLink ? given.replace(/[?#].*$/s, "") : given);
  if (!found?.[1]) return null;
  try {
    const own = isLink ? given.slice(0, found.index) : "/";
    const origin = new URL(api?.trim() || own, base);
    if (!/^https?:$/.test(origin.protocol)) return null;
    return `${(origin.origin + origin.pathname).replace(/\/+$/, "")}/v1/play/${found[1]}`;
  } catch {
    return null;
  }
}

/** Return where to ask for a grant's video; what has no address is a link that does not work. */
export function grantSource(playUrl: string | null): PlaySource {
  return playUrl ? new PlayApi(playUrl) : refusing("grant_not_found");
}

/** Return the same for a video that is open to all, or whose URL is signed already: nothing is asked, leased or renewed. */
export function openSource(src: string, type: string | null, base: string): PlaySource {
  if (!URL.canParse(src, base)) return refusing("not_playable");
  const url = new URL(src, base);
  const isHls = type ? HLS_TYPES.includes(type.toLowerCase()) : url.pathname.toLowerCase().endsWith(".m3u8");
  const play: Play = {
    title: "",
    duration_seconds: null,
    width: null,
    height: null,
    poster: null,
    playback: { state: "ready" },
    hls: isHls ? { url: url.href, native_url: url.href } : null,
    sources: isHls ? [] : [{ type: type ?? "" }],
    captions: [],
    sprites: null,
    lease_seconds: OPEN_LEASE_SECONDS,
  };
  return { play: async () => play, fileUrl: async () => ({ url: url.href }), close: () => undefined };
}

function refusing(code: string): PlaySource {
  const refuse = (): Promise<never> => Promise.reject(new Refusal(code));
  return { play: refuse, fileUrl: refuse, close: () => undefined };
}
