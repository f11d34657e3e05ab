import type { Page, Video } from "@reelgate/client";
import { reelgate } from "../../app/client.ts";

/** What the library shows. Empty: everything. */
export interface Wanted {
  search: string;
  sort: (typeof SORTS)[number]["value"];
  state: (typeof STATES)[number]["value"];
  type: (typeof TYPES)[number]["value"];
}

export const SORTS = [
  { value: "-uploaded_at", label: "Newest first" },
  { value: "uploaded_at", label: "Oldest first" },
  { value: "title", label: "By title" },
  { value: "-title", label: "By title, from Z" },
  { value: "-size", label: "Largest first" },
  { value: "size", label: "Smallest first" },
] as const;
export const DEFAULT_SORT = "-uploaded_at";

export const STATES = [
  { value: "", label: "In any state" },
  { value: "ready", label: "Ready" },
  { value: "processing", label: "Being prepared" },
  { value: "failed", label: "With a failure" },
] as const;

export const TYPES = [
  { value: "", label: "Any kind" },
  { value: "video", label: "Video" },
  { value: "audio", label: "Sound" },
  { value: "other", label: "Other" },
] as const;

const AT_ONCE = 24;
const MAX_REQUESTS = 8;

/**
 * A page of the library. A page of a search can be short although there are more, so this goes on until there is enough to show;
 * after some requests it returns what it has, and the user goes on by the button.
 */
export async function listVideos(wanted: Wanted, cursor: string | null, signal: AbortSignal): Promise<Page<Video>> {
  const items: Video[] = [];
  let next = cursor;
  for (let request = 0; request < MAX_REQUESTS; request++) {
    const page = await reelgate.videos.list(
      { search: wanted.search || null, sort: wanted.sort, state: wanted.state || null, type: wanted.type || null, limit: AT_ONCE, cursor: next },
      signal,
    );
    items.push(...page.items);
    next = page.next_cursor ?? null;
    if (next === null || items.length >= AT_ONCE / 2) break;
  }
  return { items, next_cursor: next };
}
