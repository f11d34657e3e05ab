/** Mails and webhooks in words (docs/notifications.md). */

export type DeliveryState = "delivered" | "failed" | "pending" | "sending" | "skipped" | "uncertain" | "withheld";

interface Words {
  readonly label: string;
  readonly kind: "good" | "bad" | "busy" | "warning" | "quiet";
  readonly meaning: string;
}

export const STATES: Readonly<Record<DeliveryState, Words>> = {
  delivered: { label: "delivered", kind: "good", meaning: "The recipient's server has accepted it." },
  pending: { label: "will be tried again", kind: "busy", meaning: "It was refused for now. It is tried again by itself, less and less often." },
  sending: { label: "being sent", kind: "busy", meaning: "An attempt is under way. If its process has died, it is taken up again within minutes." },
  failed: { label: "failed", kind: "bad", meaning: "It was refused for good, or too often. Nothing more happens by itself." },
  skipped: { label: "not sent: muted", kind: "quiet", meaning: "The user has muted such mails, no address is known, or the same alert was mailed before on that day." },
  withheld: { label: "held back", kind: "warning", meaning: "It was not sent, to protect its recipient: the address is not verified, or the user has had as many mails as a day allows." },
  uncertain: {
    label: "perhaps delivered",
    kind: "warning",
    meaning: "The connection was lost while the mail was being sent, so it may have arrived. It is not sent again by itself; sending it again may deliver it twice.",
  },
};

const TYPES: Readonly<Record<string, string>> = {
  "storage.alert": "Storage nearly or wholly used",
  "bandwidth.alert": "Daily limit nearly or wholly used",
  "account.created": "Welcome",
  "audio.requested": "MP3 requested",
  "audio.ready": "MP3 ready",
  "audio.failed": "MP3 failed",
  "hls.requested": "Playing in pieces requested",
  "video.ready": "Video ready",
  "video.rejected": "Upload rejected",
  "video.deleted": "Video moved to the trash",
  "video.restored": "Video restored",
  "video.purged": "Video removed for good",
};

/** Every type that deliveries can be filtered by, with its words. */
export const TYPE_CHOICES = Object.entries(TYPES);

/** What a delivery is about; a type of a newer server is shown by its name. */
export function typeWords(type: string): string {
  return TYPES[type] ?? type;
}

/** How it is sent. */
export function channelWords(channel: string): string {
  return channel === "mail" ? "mail" : `webhook “${channel}”`;
}

/** The state as words; one of a newer server is shown by its name. */
export function stateWords(state: string): Words {
  return STATES[state as DeliveryState] ?? { label: state, kind: "quiet", meaning: "" };
}
