/** What an admin filters the audit log by: from the address of the page to the query of the API. */

export interface AuditFilters {
  /** An e-mail address or a user id. */
  readonly who: string;
  readonly video: string;
  readonly request: string;
  readonly action: string;
  readonly outcome: string;
  /** As `<input type="datetime-local">` has it, in the browser's time zone. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: AuditFilters = { who: "", video: "", request: "", action: "", outcome: "", from: "", to: "" };

export type AuditQuery = Partial<
  Record<"user_id" | "email" | "video_id" | "request_id" | "action" | "from" | "to", string> & { outcome: "done" | "denied" }
>;

/** The filters that a page's address has. */
export function filtersOf(query: URLSearchParams): AuditFilters {
  const read = (name: keyof AuditFilters) => query.get(name)?.trim() ?? "";
  return {
    who: read("who"), video: read("video"), request: read("request"), action: read("action"),
    outcome: read("outcome"), from: read("from"), to: read("to"),
  };
}

/** The address' part for filters: only those that are set, so that addresses stay short. */
export function addressOf(filters: AuditFilters): string {
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== "")).toString();
}

/** The query of the API. Throws a sentence where filters exclude each other or a time is not one. */
export function queryOf(filters: AuditFilters): AuditQuery {
  const { who, video, request, action, outcome, from, to } = filters;
  if (who !== "" && video !== "") throw new Error("Search for a user or for a video, not for both at once.");
  if (request !== "" && !/^[A-Za-z0-9_-]{8,64}$/.test(request)) {
    throw new Error("A request id has 8 to 64 letters, digits, hyphens and underscores.");
  }
  if (action !== "" && !/^[a-z][a-z_]{0,39}(\.([a-z_]{1,40}|\*))?$/.test(action)) {
    throw new Error("An action is a name such as upload.granted, or upload.* for all about uploads.");
  }
  const query: AuditQuery = {};
  if (who !== "") query[who.includes("@") ? "email" : "user_id"] = who;
  if (video !== "") query.video_id = video;
  if (request !== "") query.request_id = request;
  if (action !== "") query.action = action;
  if (outcome === "done" || outcome === "denied") query.outcome = outcome;
  if (from !== "") query.from = instant(from);
  if (to !== "") query.to = instant(to);
  if (query.from !== undefined && query.to !== undefined && query.from >= query.to) throw new Error("“From” must be before “until”.");
  return query;
}

function instant(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new Error("This is not a date and time.");
  return at.toISOString();
}
