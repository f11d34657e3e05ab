import type { Session } from "@reelgate/client";
import { reelgate } from "./client.ts";
import { createStore } from "./store.ts";

/**
 * - `starting`: the session of before the reload is being looked for
 * - `unreachable`: the server did not answer; the session may still be there
 * - `out`: nobody is signed in
 * - `in`: somebody is
 * - `expired`: the session ended by itself. The page stays as it is, and the user signs in over it
 */
export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable"; readonly error: unknown }
  | { readonly phase: "out" }
  | { readonly phase: "in"; readonly user: Session }
  | { readonly phase: "expired"; readonly user: Session };

export const session = createStore<SessionState>({ phase: "starting" });

let leaving = false;

/** What runs after the same user has signed in again: paused uploads go on, for example. */
const resumed = new Set<() => void>();

/** Calls back whenever an expired session is alive again. Returns a function that ends this. */
export function onSessionResumed(callback: () => void): () => void {
  resumed.add(callback);
  return () => void resumed.delete(callback);
}

function changed(): void {
  const now = session.value;
  const user = reelgate.auth.session;
  if (user) {
    const known = now.phase === "in" || now.phase === "expired" ? now.user : null;
    if (known && known.userId !== user.userId) {
      location.reload(); // nothing of the other user stays in memory
      return;
    }
    session.set({ phase: "in", user });
    if (now.phase === "expired") for (const callback of [...resumed]) callback();
  } else if (now.phase === "in" && !leaving) {
    session.set({ phase: "expired", user: now.user });
  } else if (now.phase !== "expired") {
    session.set({ phase: "out" });
  }
}

/** Looks for the session of before the reload. */
export async function restoreSession(): Promise<void> {
  session.set({ phase: "starting" });
  try {
    await reelgate.auth.restore();
    changed();
  } catch (error) {
    session.set({ phase: "unreachable", error });
  }
}

/** Signs out: of this tab, and with nothing of the user left on the page. */
export async function signOut(): Promise<void> {
  leaving = true;
  try {
    await reelgate.auth.signOut();
  } finally {
    location.hash = "#/";
    location.reload(); // whatever pages have kept in memory ends here
  }
}

/** Begins to follow the client's session. */
export function startSession(): void {
  reelgate.auth.onChange(changed);
  addEventListener("online", () => void (session.value.phase === "unreachable" && restoreSession()));
  void restoreSession();
}
