import { describe } from "../../client/sentences.js";
import type { Item } from "../transfers/item.js";
import { inBytes, inBytesPerSecond, inTime } from "../words/sizes.js";
import type { Words } from "../words/words.js";

/** A language: its words, and the tag by which numbers are written. */
export interface Language {
  readonly words: Words;
  readonly locale: string;
}

/** Say why a file is not uploaded. Empty if nothing is wrong. */
export function whyNot(item: Item, { words, locale }: Language): string {
  const { refusal, error } = item;
  if (refusal?.kind === "type") return words.wrongType;
  if (refusal?.kind === "empty") return words.empty;
  if (refusal?.kind === "size") return words.tooLarge(inBytes(item.file.size, locale), inBytes(refusal.limit, locale));
  return error ? problemIn({ words, locale }, error, item) : "";
}

/** Say what went wrong with something, which need not be a file. */
export function problemIn({ words, locale }: Language, error: unknown, item?: Item): string {
  const { code, problem } = (error ?? {}) as { code?: string; problem?: { limit?: number; used?: number; reserved?: number } | null };
  if (code === "no_endpoint") return words.noEndpoint;
  const { limit, used = 0, reserved = 0 } = problem ?? {};
  const left = limit === undefined ? undefined : inBytes(limit - used - reserved, locale);
  const requested = item && inBytes(item.file.size, locale);
  return words.problem({ code: code ?? "", name: item?.filename, requested, left }) ?? describe(error);
}

/** Say where a file is: how much, how fast, how long. */
export function whereIsIt(item: Item, { words, locale }: Language): string {
  const { state, transfer } = item;
  const total = inBytes(item.file.size, locale);
  const sent = words.sent(inBytes(item.sentBytes, locale), total);
  switch (state) {
    case "waiting":
      return `${words.waiting} · ${total}`;
    case "checking":
      return words.checking;
    case "paused":
      return `${words.paused} · ${sent}`;
    case "finishing":
      return words.finishing;
    case "ready":
      return `${words.done} · ${total}`;
    case "sending": {
      const rate = transfer?.bytesPerSecond;
      const left = transfer?.secondsLeft;
      const parts = [sent];
      if (rate) parts.push(inBytesPerSecond(rate, locale));
      if (left !== null && left !== undefined && Number.isFinite(left)) parts.push(words.left(inTime(left, locale)));
      return parts.join(" · ");
    }
    default:
      return "";
  }
}
