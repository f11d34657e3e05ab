/** Lists, page after page. */
import type { Page } from "./types.js";

/**
 * Every item of a list, fetching pages as they are needed:
 * `for await (const video of pages((cursor) => reelgate.videos.list({ cursor })))`.
 */
export async function* pages<T>(fetchPage: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
