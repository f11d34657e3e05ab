/** The whole audit log of a query: NDJSON that goes on where one answer ends. */

import type { AuditLine } from "./audit_csv.ts";

/** An answer that ended before its last line did. */
export class Broken extends Error {}

interface End {
  readonly code: string;
  readonly detail: string;
  readonly next_cursor: string | null;
}

/**
 * Yield every event. `open` asks the API from a cursor on. An answer that cannot continue ends with a line that has a `code` and the
 * cursor for the rest (docs/audit.md); one without a line feed at its end was broken off.
 */
export async function* auditLines(
  open: (cursor: string | undefined) => Promise<Iterable<string> | AsyncIterable<string>>,
): AsyncGenerator<AuditLine, void, undefined> {
  let cursor: string | undefined;
  for (;;) {
    let end: End | undefined;
    let rest = "";
    for await (const text of await open(cursor)) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) {
        if (line === "") continue;
        const found = JSON.parse(line) as AuditLine | End;
        if ("code" in found) end = found;
        else yield found;
      }
    }
    if (rest !== "") throw new Broken("The download broke off before its end. Try again, or choose a shorter time.");
    if (end === undefined) return;
    if (end.next_cursor === null || end.next_cursor === cursor) throw new Broken(end.detail);
    cursor = end.next_cursor;
  }
}
