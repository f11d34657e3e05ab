import { Reelgate, tabStore } from "@reelgate/client";
import workerUrl from "@reelgate/client/crc32c_worker.js";

/**
 * The client of the API, on the console's own origin. Its refresh token is in this tab's session storage: it survives a reload,
 * ends with the tab, and is no other tab's. The access token is in memory only.
 */
export const reelgate = new Reelgate({ endpoint: location.origin, sessionStore: tabStore(), workerUrl });
