/** How long to wait before trying again, and waiting itself. */
import { ReelgateError } from "./errors.js";

/** Full jitter between half of the step and all of it: 0.5 to 1 s, 1 to 2 s, ... up to `most` seconds. */
export function pauseBefore(attempt: number, most = 30): number {
  const step = Math.min(most, 2 ** Math.min(attempt, 10));
  return (step / 2 + (Math.random() * step) / 2) * 1000;
}

/** Seconds of a `Retry-After`, which is a number or a date; null if it is neither. */
export function retryAfterOf(headers: Headers): number | null {
  const value = headers.get("Retry-After");
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** Wait some milliseconds; ends with the code `aborted` when the signal fires. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new ReelgateError("aborted", { cause: signal?.reason }));
    };
    if (signal?.aborted) return reject(new ReelgateError("aborted", { cause: signal.reason }));
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Wait as `wait` does, but no longer once the browser says that it is online again. */
export function waitForNetwork(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const target = globalThis as unknown as Partial<EventTarget>;
  if (typeof target.addEventListener !== "function" || typeof target.removeEventListener !== "function") return wait(milliseconds, signal);
  const early = new AbortController();
  const online = (): void => early.abort();
  target.addEventListener("online", online);
  const both = signal === undefined ? early.signal : AbortSignal.any([signal, early.signal]);
  return wait(milliseconds, both)
    .catch((error: unknown) => {
      if (signal?.aborted) throw error;
    })
    .finally(() => target.removeEventListener?.("online", online));
}
