import { Reelgate, tabStore } from "@reelgate/client";
import workerUrl from "@reelgate/client/crc32c_worker.js";

/**
 * The client of the API, on the console's own origin. Its refresh token is in this tab's session storage: it survives a reload and
 * ends with the tab. No other tab has it, except for a duplicate of this one, which the browser makes with a copy: signing out is
 * therefore told to other tabs. The access token is in memory only.
 */
export const reelgate = new Reelgate({ endpoint: location.origin, sessionStore: tabStore(), workerUrl });
