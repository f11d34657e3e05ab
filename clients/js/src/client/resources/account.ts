/** `reelgate.me` and `reelgate.usage`. */
import type { Reelgate } from "../reelgate.js";
import type { AnswerOf, ApiKey, BodyOf, CreatedApiKey, CurrentUsage, Me, Page, Schema, UsageDays, UserExport } from "../types.js";
import type { PageQuery } from "./videos.js";

/** The caller's own account. */
export class Account {
  readonly #reelgate: Reelgate;
  /** API keys of this account. */
  readonly apiKeys: ApiKeys;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
    this.apiKeys = new ApiKeys(reelgate);
  }

  /** Show it. */
  get(signal?: AbortSignal): Promise<Me> {
    return this.#reelgate.request("GET", "/v1/me", { signal });
  }

  /** Change which mails are sent. */
  update(changes: BodyOf<"/v1/me", "PATCH">): Promise<Me> {
    return this.#reelgate.request("PATCH", "/v1/me", { body: changes });
  }

  /** Everything about the account, a page of it: join the lists of the pages. */
  export(query: PageQuery = {}, signal?: AbortSignal): Promise<UserExport> {
    return this.#reelgate.request("GET", "/v1/me/export", { params: { query }, signal });
  }

  /**
   * Delete the account with everything in it. Needs a sign-in of the last five minutes (`sign_in_too_old` otherwise).
   * Returns what is still to be done; `undefined` when nothing is.
   */
  delete(): Promise<Schema<"DeletionUnderWay"> | undefined> {
    return this.#reelgate.request("DELETE", "/v1/me");
  }

  /** Set another password. It ends all sessions: sign in with the new one. Throws `wrong_password`, `weak_password`. */
  async setPassword(current: string, next: string): Promise<void> {
    const body = { current_password: current, new_password: next };
    await this.#reelgate.request("PUT", "/v1/me/password", { body, idempotent: false });
  }

  /** Send a mail with which the address is verified. */
  async verifyEmail(): Promise<void> {
    await this.#reelgate.request("POST", "/v1/me/verify-email");
  }

  /** End all sessions, on all devices; tokens that are out work for up to an hour. */
  async signOutEverywhere(): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/me/sessions");
    await this.#reelgate.auth.signOut();
  }
}

/** `reelgate.me.apiKeys`. */
export class ApiKeys {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** The keys, without their secrets. */
  list(): Promise<Page<ApiKey>> {
    return this.#reelgate.request("GET", "/v1/me/api-keys");
  }

  /** Make a key. `key` is shown this once. It is not repeated by itself: a lost answer may have made a key that nobody knows. */
  create(key: BodyOf<"/v1/me/api-keys", "POST">): Promise<CreatedApiKey> {
    return this.#reelgate.request("POST", "/v1/me/api-keys", { body: key });
  }

  /** Revoke a key. Repeating it is safe. */
  async revoke(id: string): Promise<void> {
    await this.#reelgate.request("DELETE", "/v1/me/api-keys/{key_id}", { params: { path: { key_id: id } } });
  }
}

/** What was used, and what is left. */
export class Usage {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** Storage, trash and the day's bandwidth now. */
  now(signal?: AbortSignal): Promise<CurrentUsage> {
    return this.#reelgate.request("GET", "/v1/usage", { signal });
  }

  /** Each day of a range (`2026-11-03`, both included), by default the last 30, and their sum. */
  days(range: { from?: string; to?: string } = {}, signal?: AbortSignal): Promise<UsageDays> {
    return this.#reelgate.request("GET", "/v1/usage/days", { params: { query: range }, signal });
  }

  /** Every movement of the books, newest first. */
  entries(query: PageQuery = {}, signal?: AbortSignal): Promise<AnswerOf<"/v1/usage/entries", "GET">> {
    return this.#reelgate.request("GET", "/v1/usage/entries", { params: { query }, signal });
  }
}
