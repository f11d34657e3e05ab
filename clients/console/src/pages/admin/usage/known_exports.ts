/** The exports that were ordered in this tab: the API has no list of them. Their ids are no secrets; their URLs are never kept. */

const KEY = "reelgate:usage-exports";
const MAX_KNOWN = 10;

/** The ids, newest first. */
export function knownExports(): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return []; // storage is blocked, or something else has written to it
  }
}

/** Keeps an id, so that a reload does not lose the export. */
export function remember(id: string): void {
  keep([id, ...knownExports().filter((one) => one !== id)]);
}

/** Forgets an export that is no longer there. */
export function forget(id: string): void {
  keep(knownExports().filter((one) => one !== id));
}

function keep(ids: readonly string[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(ids.slice(0, MAX_KNOWN)));
  } catch {
    // then a reload loses them; the server has them for a week
  }
}
