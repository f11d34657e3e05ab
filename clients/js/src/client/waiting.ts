/** How long to wait before trying again, waiting itself, and what it is good for. */
import { ReelgateError } from "./errors.js";

/** Pauses that double, with jitter: between half a step and all of it. */
export class Pauses {
  readonly #first: number;

  /** @param firstSeconds of the first step. */
  constructor(firstSeconds = 1) {
    this.#first = firstSeconds * 1000;
  }

  /** Milliseconds to wait before a try, counted from 0: 0.5 to 1 s, 1 to 2 s, ... up to 30 steps. */
  before(attempt: number, most = 30): number {
    const step = this.#first * Math.min(most, 2 ** Math.min(attempt, 10));
    return step / 2 + (Math.random() * step) / 2;
  }
}

/** 429 that waiting a minute does not mend. */
const LASTING = new Set(["too_many_open_uploads", "too_many_rejected", "too_many_conversions", "too_many_attempts"]);
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** Whether the same request can succeed a little later. */
export function isPassing(error: ReelgateError): boolean {
  if (LASTING.has(error.code)) return false;
  return error.code === "network" || PASSING_STATUSES.has(error.status ?? 0);
}

/** Seconds of a `Retry-After`, which is a number or a date; null if it is neither. */
export function retryAfterOf(value: string | null): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** Whether the browser knows that there is no network. */
export function offline(): boolean {
  return typeof navigator === "object" && navigator.onLine === false;
}

/** Wait some milliseconds; throws `aborted` when the signal fires. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return pause(milliseconds, signal, false);
}

/** Wait as `wait` does, but no longer once the browser is online again, and at least until then. */
export async function waitForNetwork(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const wasOffline = offline();
  await pause(milliseconds, signal, true);
  while (wasOffline && offline()) await pause(60_000, signal, true); // not every browser tells of it reliably
}

function pause(milliseconds: number, signal: AbortSignal | undefined, untilOnline: boolean): Promise<void> {
  const target = untilOnline ? (globalThis as unknown as Partial<EventTarget>) : {};
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      target.removeEventListener?.("online", end);
      if (signal?.aborted) reject(new ReelgateError("aborted", { cause: signal.reason }));
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
    target.addEventListener?.("online", end);
    if (signal?.aborted) end();
  });
}
