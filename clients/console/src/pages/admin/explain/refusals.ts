/** Why a request was refused, in words for admins. `python -m ops explain` has the same for operators (ops/requests/refusal_words.py). */

export interface Numbers {
  readonly limit?: unknown;
  readonly used?: unknown;
  readonly reserved?: unknown;
  readonly requested?: unknown;
  readonly retry_at?: unknown;
}

export interface Refusal {
  /** What happened. */
  readonly why: string;
  /** What an admin, or the user, can do about it. */
  readonly next: string;
}

type Size = (bytes: number) => string;
type Time = (instant: string) => string;

/** How numbers and times are written. */
export interface Form {
  readonly size: Size;
  readonly time: Time;
}

/** Explain a code, with the numbers of that moment where the log has them. */
export function refusal(code: string, numbers: Numbers, form: Form): Refusal {
  if (code === "storage_limit_exceeded") return { why: storage(numbers, form), next: RAISE_OR_FREE };
  if (code === "bandwidth_limit_exceeded") return { why: bandwidth(numbers, form), next: WAIT_OR_RESET };
  const found = REFUSALS[code];
  if (found) return { why: found[0], next: found[1] };
  return { why: `The request was refused with the code “${code}”.`, next: "The documentation lists all codes (docs/api.md, Errors)." };
}

/** Every code that can be explained, in alphabetical order. */
export function knownCodes(): string[] {
  return [...Object.keys(REFUSALS), "storage_limit_exceeded", "bandwidth_limit_exceeded"].sort();
}

const RAISE_OR_FREE =
  "The user can delete videos or cancel open uploads to make room. Or raise their storage limit on their page; that counts from the next request on.";
const WAIT_OR_RESET =
  "It goes on by itself when the next day begins. To help at once, give the day back or raise the daily limit on the user's page.";

function storage(numbers: Numbers, form: Form): string {
  return `${asked(numbers, form)} ${left(numbers, form)} of ${size(numbers.limit, form)} were left in the user's storage: ${held(numbers, form, "stored")}.`;
}

function bandwidth(numbers: Numbers, form: Form): string {
  const again = typeof numbers.retry_at === "string" ? ` The next day begins ${form.time(numbers.retry_at)}.` : "";
  return `${asked(numbers, form)} ${left(numbers, form)} of ${size(numbers.limit, form)} were left of the user's day: ${held(numbers, form, "uploaded or streamed")}.${again}`;
}

function asked(numbers: Numbers, form: Form): string {
  return typeof numbers.requested === "number" ? `The request was for ${form.size(numbers.requested)}, but only` : "Only";
}

function held(numbers: Numbers, form: Form, how: string): string {
  return `${size(numbers.used, form)} were ${how}, and ${size(numbers.reserved ?? 0, form)} reserved by open uploads`;
}

function left(numbers: Numbers, form: Form): string {
  const [limit, used, reserved] = [numbers.limit, numbers.used, numbers.reserved].map((one) => (typeof one === "number" ? one : 0));
  return form.size(Math.max(0, (limit as number) - (used as number) - (reserved as number)));
}

function size(value: unknown, form: Form): string {
  return typeof value === "number" ? form.size(value) : "an unknown size";
}

const NOTHING = "Nothing is wrong on the server. The user has to change the request.";
const SIGN_IN = "The user signs in again.";
const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  account_deleted: ["The account was deleted, or its deletion is under way.", "This is final: the address can register again."],
  account_disabled: ["An admin has disabled the account.", "Enable it on the user's page if that is no longer right."],
  api_key_expired: ["The API key that was sent has expired.", "The user makes a new key."],
  api_key_revoked: ["The API key that was sent had been revoked by its owner.", "The user makes a new key, and replaces the old one wherever it is used."],
  bad_request: ["The request was not in the form that the API takes.", NOTHING],
  body_incomplete: ["The connection ended before everything that was being sent had arrived.", "The user tries again."],
  books_busy: ["Too many requests of the user came at the same moment.", "Trying again helps; nothing was changed."],
  books_slow: ["The database did not answer in time.", "Trying again helps. If it happens often, look at the state of Firestore."],
  chunk_differs: ["A piece of the file had different bytes than the one that had arrived before.", "The user cancels the upload and starts again; the file was probably changed meanwhile."],
  deadline_exceeded: ["There was no answer in time.", "The user looks whether it was done, and tries again if not."],
  email_taken: ["Somebody is registered with this address, and the password was another one.", "If it is the user's own address, they sign in or ask for a new password."],
  forbidden: ["The user's role does not allow this.", "Change the role on the user's page if they should be an admin. Uploads can be for admins only, by a setting of the deployment."],
  foreign_user: ["The user signs in at another issuer, where role and password are kept.", "Change it at that issuer."],
  grant_expired: ["The link to a shared video has expired.", "The owner shares the video again."],
  grant_revoked: ["The owner has taken the link to a shared video back.", "The owner shares the video again if that was a mistake."],
  grant_used_up: ["The link to a shared video had as many plays, or as many bytes, as it may have.", "The owner shares the video again."],
  idempotency_mismatch: ["The same Idempotency-Key was used before, for another request.", "The program that sent it needs a new key for each thing that it does."],
  internal_error: ["Something went wrong on the server.", "An operator finds the error in the logs by this request id."],
  invalid_api_key: ["The API key that was sent does not exist.", "The user checks that it was copied as a whole."],
  invalid_credentials: [
    "Somebody tried to sign in, and the password was wrong, the address or name is not registered, or the account is disabled. The answer is the same for all of them, so that nobody learns which addresses are registered.",
    "The user asks for a new password. Look at their page whether the account is disabled.",
  ],
  invalid_request: ["A field was missing, unknown, or had a value that is not allowed. The answer said which.", NOTHING],
  method_not_allowed: ["The address exists, but not for this method.", "The program that sent it is wrong."],
  missing_scope: ["An API key that may only read was used for a change.", "The user makes a key that may change things."],
  name_taken: ["The user has a video or an open upload with this file name already.", "They choose another name, or delete or cancel that one."],
  not_for_api_keys: ["An API key was used for something that needs a sign-in: keys, passwords, accounts, or an admin's work.", "The user signs in for this."],
  not_found: ["There is no such address in the API.", "The program that sent it is wrong, or older than the server."],
  origin_not_allowed: ["A shared video was opened on a page of a site for which it is not shared.", "The owner shares it for that site, or for all."],
  own_account: ["Admins cannot disable, demote or delete themselves.", "Another admin can do it."],
  registration_closed: ["Only admins can create accounts here.", "An admin creates the account."],
  request_too_slow: ["What was sent arrived too slowly.", "The user tries again, with a better connection."],
  sign_in_too_old: ["Deleting an account needs a sign-in of the last five minutes.", SIGN_IN],
  too_large: ["The file is larger than this deployment takes.", "Waiting does not help. An operator can raise the limit of the deployment."],
  too_many_api_keys: ["The user has as many API keys as they may have.", "They revoke keys that they no longer need."],
  too_many_attempts: [
    "Too many attempts to sign in or to register came from this address or for this account. It is a protection against guessing passwords; the log has the first of them only.",
    "It ends by itself, after a quarter of an hour at most.",
  ],
  too_many_conversions: ["So many of the user's files were converted today that no more are taken.", "It goes on when the next day begins."],
  too_many_grants: ["The user has as many links to shared videos as they may have.", "They revoke links that they no longer need."],
  too_many_open_uploads: [
    "The user has as many open uploads as are allowed.",
    "Each one ends when its file has arrived, when it is cancelled, or when it expires. The user can cancel uploads that they gave up.",
  ],
  too_many_rejected: [
    "Too many of the user's uploads failed today: what arrived was not what had been announced.",
    "It goes on when the next day begins. If a program sends them, it is probably broken.",
  ],
  too_many_requests: ["The user, or a program of theirs, made too many requests within a minute.", "It goes on after the minute. A program should wait as long as the answer says."],
  unauthorized: ["The sign-in was missing, expired or ended.", SIGN_IN],
  unavailable: ["A service that was needed did not answer.", "Trying again helps. If it happens often, an operator should look at the functions' logs."],
  unsupported_type: ["This deployment does not store files of this type, or the type does not fit the ending of the file's name.", NOTHING],
  upload_finished: ["The upload was over already.", "Its outcome is among the events of the upload."],
  upload_not_found: ["The user has no upload with this id. It may be another user's.", NOTHING],
  username_taken: ["Another user has this name.", "The user chooses another one."],
  video_not_found: ["The user has no such video, or it is in the trash, or not finished. It may be another user's.", NOTHING],
  video_unavailable: ["The shared video was deleted, or its owner may not share it any more.", "Look at the owner's page whether the account is disabled."],
  weak_password: ["The new password was too short, too long, or equal to the name or address.", "The user chooses another one."],
  wrong_password: ["The current password, which is needed to change it, was not right.", "The user tries again, or asks for a new password."],
};
