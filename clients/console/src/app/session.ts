import type { Session } from "@reelgate/client";
import { reelgate } from "./client.ts";
import { followSignOuts } from "./sign_outs.ts";
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

let tellOthers: (userId: string) => void = () => undefined;

/** Who has signed out in another tab while this one did not know yet whose it is. */
const endedMeanwhile = new Set<string>();

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
  if (user && now.phase !== "out" && endedMeanwhile.has(user.userId)) {
    void leave();
    return;
  }
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

/** Signs out: of this tab and others that the same user has open, and with nothing of the user left on the page. */
export async function signOut(): Promise<void> {
  const now = session.value;
  if (now.phase === "in" || now.phase === "expired") tellOthers(now.user.userId);
  await leave();
}

/** Another tab has signed out. */
function signedOutElsewhere(userId: string): void {
  const now = session.value;
  if (now.phase === "in" || now.phase === "expired") {
    if (now.user.userId === userId) void leave();
  } else if (now.phase !== "out") endedMeanwhile.add(userId);
}

async function leave(): Promise<void> {
  if (leaving) return;
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
  tellOthers = followSignOuts(signedOutElsewhere);
  reelgate.auth.onChange(changed);
  addEventListener("online", () => void (session.value.phase === "unreachable" && restoreSession()));
  void restoreSession();
}
