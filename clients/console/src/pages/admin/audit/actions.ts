/** What the actions of the audit log are called for people (docs/audit.md lists them). */

const ACTIONS: Readonly<Record<string, string>> = {
  "upload.granted": "Upload requested",
  "upload.chunks_granted": "Pieces of an upload requested",
  "upload.chunk": "Piece of an upload refused",
  "upload.resumed": "Upload resumed",
  "upload.completed": "Upload reported as sent",
  "upload.cancelled": "Upload cancelled",
  "upload.deleted": "Upload deleted",
  "upload.finished": "Upload became a video",
  "upload.rejected": "Upload rejected",
  "upload.expired": "Upload expired",
  "object.removed": "File without a right to exist removed",
  "object.restored": "Video came back into the bucket",
  "stream.issued": "Link for watching requested",
  "download.issued": "Link for downloading requested",
  "grant.played": "Shared video played",
  "grant.created": "Video shared",
  "grant.revoked": "Share revoked",
  "grant.all_revoked": "All shares of a video revoked",
  "audio.requested": "MP3 requested",
  "audio.issued": "Link for an MP3 requested",
  "hls.requested": "Playing in pieces requested",
  "file.titled": "Title changed",
  "captions.put": "Captions changed",
  "captions.deleted": "Captions removed",
  "file.deleted": "Video moved to the trash",
  "file.restored": "Video restored",
  "file.purged": "Video removed for good",
  "usage.upload_reported": "Upload reported by a service",
  "usage.deletion_reported": "Deletion reported by a service",
  "usage.reset": "Daily limit given back",
  "usage.read": "Usage of all users read",
  "usage.export_ordered": "Export of usage ordered",
  "user.registered": "User registered",
  login: "Sign-in",
  "login.refreshed": "Sign-in continued",
  "password.reset_requested": "Mail for a forgotten password requested",
  "password.changed": "Password changed",
  "sessions.revoked": "Signed out everywhere",
  "email.verification_requested": "Mail for verifying the address requested",
  "key.created": "API key made",
  "key.revoked": "API key revoked",
  "user.exported": "Own data exported",
  "user.deleted": "User deleted",
  "preferences.changed": "Mail preferences changed",
  "user.changed": "User changed by an admin",
  "delivery.redelivered": "Mail or webhook sent again",
  "logs.read": "Audit log read",
  request: "Other request",
};

/** Every action and area that the log can be filtered by, with its words: areas (`upload.*`) first. */
export const ACTION_CHOICES: readonly (readonly [string, string])[] = [
  ...[...new Set(Object.keys(ACTIONS).filter((one) => one.includes(".")).map((one) => one.split(".")[0] as string))]
    .sort()
    .map((area) => [`${area}.*`, `Everything about ${area.replaceAll("_", " ")}`] as const),
  ...Object.entries(ACTIONS),
];

/** What an action is called; one of a newer server is shown by its name. */
export function actionWords(action: string): string {
  return ACTIONS[action] ?? action;
}
