/** Where the refresh token lives. Never in local storage: other scripts and later visitors of a shared computer would find it. */

/** Keeps one secret. Both methods may be asynchronous. */
export interface SessionStore {
  /** The refresh token; null if there is none. */
  read(): string | null | Promise<string | null>;
  /** Keep it; null forgets it. */
  write(token: string | null): void | Promise<void>;
}

/** The refresh token lives as long as this page: a reload signs out. */
export function memoryStore(): SessionStore {
  let kept: string | null = null;
  return {
    read: () => kept,
    write(token) {
      kept = token;
    },
  };
}

/** The refresh token lives as long as this tab (`sessionStorage`), so that a reload stays signed in. Without it, as memoryStore(). */
export function tabStore(key = "reelgate:session"): SessionStore {
  const fallback = memoryStore();
  return {
    read() {
      try {
        return sessionStorage.getItem(key) ?? fallback.read();
      } catch {
        return fallback.read();
      }
    },
    write(token) {
      try {
        if (token === null) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, token);
      } catch {
        return fallback.write(token);
      }
    },
  };
}
