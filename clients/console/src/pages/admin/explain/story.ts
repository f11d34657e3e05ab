/** What happened, from the events of the audit log: sentences in the order in which things happened. */

import { formatBytes } from "../../../format/bytes.ts";
import { formatTime } from "../../../format/dates.ts";
import { actionWords } from "../audit/actions.ts";
import { refusal, type Form, type Numbers } from "./refusals.ts";

/** How numbers and times are written in explanations. */
export const FORM: Form = { size: formatBytes, time: formatTime };

export interface Event {
  readonly event_id: string;
  readonly at: string;
  readonly user_id: string | null;
  readonly action: string;
  readonly outcome: "done" | "denied";
  readonly description: string;
  readonly function: string;
  readonly request_id: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Chapter {
  readonly event: Event;
  readonly title: string;
  /** What it means; empty for what the title says already. */
  readonly why: string;
  /** What can be done; null where nothing has to be. */
  readonly next: string | null;
}

const ENDINGS: Readonly<Record<string, readonly [string, string | null]>> = {
  "upload.rejected": [
    "The file that arrived was not what had been announced. It was removed, and its room is free again.",
    "The user uploads it again. If it happens again, the file changes while it is being sent, or the program announces a wrong size or type.",
  ],
  "upload.expired": ["Nothing complete had arrived when the time for the upload was over. Its room is free again.", "The user uploads the file again."],
  "object.removed": ["A file arrived although no open upload had a right to it any more. It was removed.", "The user starts a new upload."],
  "upload.finished": ["The upload became a video.", null],
  "upload.cancelled": ["The owner cancelled the upload. Its room is free again.", null],
};

/** One event as a chapter of the story. */
export function chapterOf(event: Event, form: Form): Chapter {
  const subject = [event.details.filename, event.details.title, event.details.label].find((one) => typeof one === "string");
  const title = `${actionWords(event.action)}${typeof subject === "string" ? `: ${subject}` : ""}`;
  const ending = ENDINGS[event.action];
  if (ending) return { event, title, why: [ending[0], reasonOf(event)].filter(Boolean).join(" "), next: ending[1] };
  if (event.outcome === "done") return { event, title, why: "", next: null };
  const code = event.details.code;
  if (typeof code !== "string") return { event, title, why: event.description, next: null };
  return { event, title, ...refusal(code, event.details as Numbers, form) };
}

/** Events in the order in which they happened, each once. */
export function inOrder(...lists: readonly (readonly Event[])[]): Event[] {
  const found = new Map(lists.flat().map((event) => [event.event_id, event]));
  return [...found.values()].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

/** The ids of uploads and videos that events are about. */
export function videosOf(events: readonly Event[]): string[] {
  return textsOf(events.flatMap((event) => [event.details.video_id, event.details.upload_id, event.details.file_id]));
}

/** The ids of users whom events are about: who did it, and whom it was done to. */
export function usersOf(events: readonly Event[]): string[] {
  return textsOf(events.flatMap((event) => [event.user_id, event.details.user_id]));
}

function textsOf(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((one): one is string => typeof one === "string" && one !== ""))];
}

function reasonOf(event: Event): string {
  return typeof event.details.reason === "string" ? `The reason: ${event.details.reason}.` : "";
}
