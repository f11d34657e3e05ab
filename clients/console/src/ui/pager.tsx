import type { Page } from "@reelgate/client";
import type { JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { onRecovery } from "../app/load.ts";
import { Button } from "./button.tsx";
import { ErrorMessage } from "./states.tsx";

/** A list that grows page by page. */
export interface PagedList<T> {
  readonly items: readonly T[];
  readonly error: unknown;
  readonly loading: boolean;
  /** The first page has arrived. */
  readonly begun: boolean;
  readonly hasMore: boolean;
  more(): void;
  reload(): void;
  /** Replaces the items, for example after one was changed or removed. */
  update(change: (items: readonly T[]) => readonly T[]): void;
}

interface State<T> {
  items: readonly T[];
  cursor: string | null;
  begun: boolean;
  loading: boolean;
  error: unknown;
}

const EMPTY: State<never> = { items: [], cursor: null, begun: false, loading: true, error: null };

/**
 * Loads a list in pages, from the beginning when one of `inputs` changes. Items that a page brings again, because the list has
 * moved meanwhile, are shown once.
 */
export function usePages<T>(load: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>, keyOf: (item: T) => string, inputs: readonly unknown[]): PagedList<T> {
  const [state, setState] = useState<State<T>>(EMPTY);
  const newest = useRef(load);
  newest.current = load;
  const now = useRef(state);
  now.current = state;
  const stop = useRef(new AbortController());

  const fetchPage = useCallback(async (cursor: string | null) => {
    stop.current.abort();
    const { signal } = (stop.current = new AbortController());
    setState((before) => ({ ...before, cursor: cursor === null ? null : before.cursor, loading: true, error: null }));
    try {
      const page = await newest.current(cursor, signal);
      if (signal.aborted) return;
      setState((before) => {
        const known = new Set(cursor === null ? [] : before.items.map(keyOf));
        const items = cursor === null ? page.items : [...before.items, ...page.items.filter((item) => !known.has(keyOf(item)))];
        return { items, cursor: page.next_cursor, begun: true, loading: false, error: null };
      });
    } catch (error) {
      if (!signal.aborted) setState((before) => ({ ...before, loading: false, error }));
    }
  }, []);

  useEffect(() => {
    void fetchPage(null);
    return () => stop.current.abort();
  }, inputs);

  const retry = useCallback(() => void fetchPage(now.current.begun ? now.current.cursor : null), [fetchPage]);
  useEffect(() => onRecovery(() => now.current.error !== null && retry()), [retry]);

  return {
    ...state,
    hasMore: state.cursor !== null,
    more: () => void (!state.loading && state.cursor !== null && fetchPage(state.cursor)),
    reload: () => void fetchPage(null),
    update: useCallback((change) => setState((before) => ({ ...before, items: change(before.items) })), []),
  };
}

/**
 * The end of a list: loads the next page by a button, and, with `auto`, when it comes into view. Shows why there is no next page.
 */
export function Pager<T>({ list, auto = false, noun = "entries" }: { list: PagedList<T>; auto?: boolean; noun?: string }): JSX.Element | null {
  const end = useRef<HTMLDivElement>(null);
  const more = useRef(list.more);
  more.current = list.more;
  const armed = auto && list.hasMore && !list.loading && list.error === null;
  useEffect(() => {
    const element = end.current;
    if (!armed || !element) return;
    const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more.current(), { rootMargin: "400px" });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [armed]);
  if (list.error !== null) return <ErrorMessage error={list.error} onRetry={list.begun && list.hasMore ? list.more : list.reload} />;
  if (!list.hasMore) return null;
  return (
    <div class="pager" ref={end}>
      <Button busy={list.loading} onClick={list.more}>
        More {noun}
      </Button>
    </div>
  );
}
