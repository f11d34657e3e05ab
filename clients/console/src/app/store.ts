import { useEffect, useState } from "preact/hooks";

/** A value that several components share, and that changes. */
export interface Store<T> {
  readonly value: T;
  set(next: T | ((now: T) => T)): void;
  /** Calls back after each change, until the returned function is called. */
  watch(changed: (value: T) => void): () => void;
}

/** Makes a store. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const watchers = new Set<(value: T) => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      const changed = typeof next === "function" ? (next as (now: T) => T)(value) : next;
      if (Object.is(changed, value)) return;
      value = changed;
      for (const watcher of [...watchers]) watcher(value);
    },
    watch(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
  };
}

/** Reads a store in a component, which is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState<{ now: T }>({ now: store.value });
  useEffect(() => {
    setValue({ now: store.value }); // it may have changed since the component was drawn
    return store.watch((now) => setValue({ now }));
  }, [store]);
  return value.now;
}
