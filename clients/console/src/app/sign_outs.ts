const NAME = "reelgate:sign-out";

/**
 * Hears of users who sign out in another tab. A duplicated tab has a copy of the session, which would otherwise stay signed in on a
 * computer that its user has left. Returns a function that tells the others; only the user's id is told.
 */
export function followSignOuts(heard: (userId: string) => void): (userId: string) => void {
  if (typeof BroadcastChannel !== "function") return () => undefined;
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") heard(data);
  });
  return (userId) => channel.postMessage(userId);
}
