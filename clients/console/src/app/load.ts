import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { onSessionResumed } from "./session.ts";

/** Calls back when an expired session is alive again, and when the network is back. Returns a function that ends this. */
export function onRecovery(callback: () => void): () => void {
  addEventListener("online", callback);
  const forget = onSessionResumed(callback);
  return () => {
    removeEventListener("online", callback);
    forget();
  };
}

/** What a request has come to. While it is repeated, `data` is still that of before. */
export interface Loaded<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly loading: boolean;
  /** Asks again. */
  reload(): void;
  /** Puts other data in place, for example what a change has answered. */
  set(data: T): void;
}

/**
 * Loads data for a component, and again when one of `inputs` changes. An older answer never replaces a newer one, and nothing is
 * asked for any more after the component has gone.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown; loading: boolean }>({ data: null, error: null, loading: true });
  const [turn, setTurn] = useState(0);
  const newest = useRef(load);
  newest.current = load;
  const reload = useCallback(() => setTurn((now) => now + 1), []);
  const failed = useRef(false);
  failed.current = state.error !== null;

  useEffect(() => {
    const stop = new AbortController();
    setState((now) => ({ ...now, loading: true }));
    newest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ data, error: null, loading: false }),
      (error: unknown) => !stop.signal.aborted && setState((now) => ({ ...now, error, loading: false })),
    );
    return () => stop.abort();
  }, [...inputs, turn]);

  // What failed because the session had ended or the network was away comes by itself when that is over.
  useEffect(() => onRecovery(() => failed.current && reload()), [reload]);

  const set = useCallback((data: T) => setState({ data, error: null, loading: false }), []);
  return { ...state, reload, set };
}

const FIRST_SECONDS = 1.5;
const MAX_SECONDS = 30;

/**
 * Repeats something while `active` and while the page is visible: after 1.5 seconds, then less and less often, at most every
 * half minute. A page that comes into view again asks at once.
 */
export function usePolling(active: boolean, again: (signal: AbortSignal) => Promise<void>): void {
  const newest = useRef(again);
  newest.current = again;
  useEffect(() => {
    if (!active) return;
    const stop = new AbortController();
    let seconds = FIRST_SECONDS;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const plan = () => {
      if (stop.signal.aborted || document.hidden) return;
      timer = setTimeout(run, seconds * 1000);
      seconds = Math.min(MAX_SECONDS, seconds * 1.4);
    };
    const run = () => newest.current(stop.signal).catch(() => undefined).then(plan);
    const seen = () => {
      clearTimeout(timer);
      if (document.hidden) return;
      seconds = FIRST_SECONDS;
      void run();
    };
    document.addEventListener("visibilitychange", seen);
    plan();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [active]);
}
