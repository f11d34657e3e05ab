/** What the lines of a ledger say to people. */

const KINDS: Readonly<Record<string, string>> = {
  reserve: "Upload started",
  chunk: "Piece of an upload arrived",
  seal: "Upload being put together",
  commit: "Upload finished",
  release: "Upload ended without a video",
  reject: "Upload refused",
  delete: "Moved to the trash",
  restore: "Restored from the trash",
  purge: "Removed for good",
  captions: "Captions changed",
  stream: "Watched or downloaded",
  settle: "Corrected to what was really sent",
  "report-upload": "Upload reported by another service",
  "report-deletion": "Deletion reported by another service",
  register: "Account opened",
  limits: "Limits changed",
  "reset-day": "Daily limit given back",
};

const RELEASES: Readonly<Record<string, string>> = {
  cancelled: "Upload cancelled",
  expired: "Upload expired",
};

/** What an entry records. A kind of a newer server is shown by its name. */
export function kindWords(kind: string, reason: string | null): string {
  if (kind === "release" && reason !== null && reason in RELEASES) return RELEASES[reason] as string;
  return KINDS[kind] ?? kind.replaceAll("-", " ");
}

export interface Amounts {
  readonly stored: number;
  readonly trash: number;
  readonly reserved: number;
  readonly uploaded: number;
  readonly streamed: number;
  readonly rejected: number;
}

const NAMES: readonly (readonly [keyof Amounts, string])[] = [
  ["stored", "storage"],
  ["reserved", "reserved"],
  ["trash", "trash"],
  ["uploaded", "uploaded"],
  ["streamed", "streamed"],
  ["rejected", "refused"],
];

/** The amounts of an entry that are not zero, with their names: `[["storage", 1200], ["reserved", -1200]]`. */
export function amountsOf(entry: Amounts): [string, number][] {
  return NAMES.filter(([name]) => entry[name] !== 0).map(([name, words]) => [words, entry[name]]);
}
