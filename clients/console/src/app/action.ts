import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** Something that a user begins by a button. */
export interface Action<A extends readonly unknown[]> {
  readonly busy: boolean;
  /** Why it failed the last time; null after it has succeeded or begun again. */
  readonly error: unknown;
  /** Begins it, unless it is under way. Resolves to whether it has succeeded; never rejects. */
  run(...given: A): Promise<boolean>;
  /** Forgets the error, for example when what was typed has changed. */
  clear(): void;
}

/** Runs something once at a time, and keeps its error for the page to show. */
export function useAction<A extends readonly unknown[]>(act: (...given: A) => Promise<unknown>): Action<A> {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const newest = useRef(act);
  newest.current = act;
  const busy = useRef(false);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => void (here.current = false);
  }, []);
  const run = useCallback(async (...given: A) => {
    if (busy.current) return false;
    busy.current = true;
    setState({ busy: true, error: null });
    let error: unknown = null;
    try {
      await newest.current(...given);
    } catch (failure) {
      error = failure;
    }
    busy.current = false;
    if (here.current) setState({ busy: false, error });
    return error === null;
  }, []);
  const clear = useCallback(() => setState((now) => ({ ...now, error: null })), []);
  return { ...state, run, clear };
}

/** Does one of several things: what is to be done is given when it begins. */
export function useWork(): Action<readonly [work: () => Promise<unknown>]> {
  return useAction((work: () => Promise<unknown>) => work());
}
