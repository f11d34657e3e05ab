/** `reelgate.admin`: for admins only; others get `forbidden`. */
import type { Reelgate } from "../reelgate.js";
import type { AnswerOf, ApiPath, BodyOf, Delivery, QueryOf, Schema, User } from "../types.js";

/** Query parameters of a GET, each of which may be left out. */
type Query<P extends ApiPath> = { [K in keyof QueryOf<P, "GET">]?: QueryOf<P, "GET">[K] | null | undefined };

/** Users, usage of all, the audit log, deliveries. */
export class Admin {
  readonly #reelgate: Reelgate;
  /** Users of all issuers. */
  readonly users: AdminUsers;
  /** Mails and webhooks, and what became of each. */
  readonly deliveries: Deliveries;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
    this.users = new AdminUsers(reelgate);
    this.deliveries = new Deliveries(reelgate);
  }

  /** Usage of all users in a range of days, as it is billed, page by page. */
  async usage(query: Query<"/v1/admin/usage">, signal?: AbortSignal): Promise<Schema<"InvoicePage">> {
    const answer = await this.#reelgate.request("GET", "/v1/admin/usage", { params: { query: { ...query, format: "json" } as never }, signal });
    return answer as Schema<"InvoicePage">;
  }

  /** The same as CSV, all users. Throws `export_needed` if there are too many for one answer. */
  async usageCsv(query: Query<"/v1/admin/usage">, signal?: AbortSignal): Promise<string> {
    const answer = await this.#reelgate.request("GET", "/v1/admin/usage", {
      params: { query: { ...query, format: "csv" } as never },
      headers: { Accept: "text/csv, application/problem+json" },
      signal,
    });
    return answer as string;
  }

  /** Who did what, and what was denied, newest first. `from` and `to` are instants. */
  async audit(query: Query<"/v1/admin/audit"> = {}, signal?: AbortSignal): Promise<Schema<"AuditEventList">> {
    const answer = await this.#reelgate.request("GET", "/v1/admin/audit", { params: { query: { ...query, format: "json" } as never }, signal });
    return answer as Schema<"AuditEventList">;
  }
}

/** `reelgate.admin.users`. */
export class AdminUsers {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** All users, or with `email` the one with that address. */
  list(query: Query<"/v1/admin/users"> = {}, signal?: AbortSignal): Promise<AnswerOf<"/v1/admin/users", "GET">> {
    return this.#reelgate.request("GET", "/v1/admin/users", { params: { query }, signal });
  }

  /** Show one. */
  get(id: string, signal?: AbortSignal): Promise<User> {
    return this.#reelgate.request("GET", "/v1/admin/users/{user_id}", { params: { path: { user_id: id } }, signal });
  }

  /** Change role, limits (null: back to the default), or whether the account is disabled. */
  update(id: string, changes: BodyOf<"/v1/admin/users/{user_id}", "PATCH">): Promise<AnswerOf<"/v1/admin/users/{user_id}", "PATCH">> {
    return this.#reelgate.request("PATCH", "/v1/admin/users/{user_id}", { params: { path: { user_id: id } }, body: changes });
  }

  /** Delete a user with everything of theirs. Returns what is still to be done; `undefined` when nothing is. */
  delete(id: string): Promise<Schema<"DeletionUnderWay"> | undefined> {
    return this.#reelgate.request("DELETE", "/v1/admin/users/{user_id}", { params: { path: { user_id: id } } });
  }

  /** Give a user the whole daily limit again; nothing of the bill changes. */
  async resetUsage(id: string): Promise<void> {
    await this.#reelgate.request("POST", "/v1/admin/users/{user_id}/reset-usage", { params: { path: { user_id: id } }, idempotent: true });
  }
}

/** `reelgate.admin.deliveries`. */
export class Deliveries {
  readonly #reelgate: Reelgate;

  constructor(reelgate: Reelgate) {
    this.#reelgate = reelgate;
  }

  /** Mails and webhooks, newest first. */
  list(query: Query<"/v1/admin/deliveries"> = {}, signal?: AbortSignal): Promise<AnswerOf<"/v1/admin/deliveries", "GET">> {
    return this.#reelgate.request("GET", "/v1/admin/deliveries", { params: { query }, signal });
  }

  /** Show one. */
  get(id: string): Promise<Delivery> {
    return this.#reelgate.request("GET", "/v1/admin/deliveries/{delivery_id}", { params: { path: { delivery_id: id } } });
  }

  /** Send one again. */
  redeliver(id: string): Promise<Delivery> {
    return this.#reelgate.request("POST", "/v1/admin/deliveries/{delivery_id}/redeliver", { params: { path: { delivery_id: id } } });
  }
}
