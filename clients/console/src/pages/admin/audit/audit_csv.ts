/** The audit log as a table for spreadsheets. */

export interface AuditLine {
  readonly event_id: string;
  readonly at: string;
  readonly user_id: string | null;
  readonly action: string;
  readonly outcome: string;
  readonly description: string;
  readonly function: string;
  readonly request_id: string | null;
  readonly details: unknown;
}

const COLUMNS = ["at", "outcome", "action", "description", "user_id", "function", "request_id", "event_id", "details"] as const;

export const CSV_HEADER = `${COLUMNS.join(",")}\r\n`;

/** One line (RFC 4180). A value that a spreadsheet would take for a formula gets a `'` before it: names in the log come from users. */
export function csvLine(event: AuditLine): string {
  return `${COLUMNS.map((name) => cell(event[name])).join(",")}\r\n`;
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
