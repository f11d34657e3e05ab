/** Signing in with a password, and tokens that are fresh. */
import { asReelgateError, ReelgateError } from "./errors.js";
import type { SessionStore } from "./session_stores.js";
import type { Credentials, Transport } from "./transport.js";
import type { Schema } from "./types.js";

/** Who is signed in. */
export interface Session {
  readonly userId: string;
  readonly email: string | null;
  readonly role: "admin" | "user" | null;
  readonly emailVerified: boolean | null;
}

type Tokens = Schema<"Tokens">;

/** A token is replaced when it has less than this to live, so that it does not expire on its way. */
const REFRESH_BEFORE_MILLISECONDS = 60_000;

/** `reelgate.auth`. */
export class Auth implements Credentials {
  #transport!: Transport;
  readonly #store: SessionStore;
  readonly #listeners = new Set<(session: Session | null) => void>();
  #session: Session | null = null;
  #tokens: { readonly token: string; readonly refresh: string; readonly staleAt: number } | null = null;
  #refreshing: Promise<void> | null = null;
  /** Counts sign-ins and sign-outs, so that the answer to a refresh does not revive a session that has ended since. */
  #epoch = 0;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  /** @internal */
  connect(transport: Transport): void {
    this.#transport = transport;
  }

  /** Who is signed in; null if nobody is. */
  get session(): Session | null {
    return this.#session;
  }

  /** Be told of every sign-in, sign-out and expired session. Returns what ends it. */
  onChange(listener: (session: Session | null) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sign in with e-mail address and password. Throws `invalid_credentials`, `too_many_attempts`. */
  async signIn(email: string, password: string): Promise<Session> {
    return this.#begin(await this.#post<Tokens>("/v1/auth/login", { email, password }, false));
  }

  /**
   * Register, and sign in. Without a name, others see the first part of the address. Repeating it is safe.
   * Throws `email_taken`, `username_taken`, `weak_password`, `registration_closed`.
   */
  async register(email: string, password: string, name?: string): Promise<Session> {
    const username = name ?? nameFrom(email);
    await this.#post("/v1/auth/register", { email, username, password }, true);
    return this.signIn(email, password);
  }

  /** Forget the session on this device. Uploads that run end with the code `signed_out`, and can be resumed after signing in again. */
  async signOut(): Promise<void> {
    this.#epoch += 1;
    this.#tokens = null;
    await this.#store.write(null);
    this.#show(null);
  }

  /** Send a mail with which a forgotten password can be replaced, if the address is registered. */
  async resetPassword(email: string): Promise<void> {
    await this.#post("/v1/auth/password-reset", { email }, false);
  }

  /**
   * Go on with the session that the store has, for example after a reload. False: there is none, or it has ended; sign in.
   * Throws `network` and the like if nobody knows.
   */
  async restore(): Promise<boolean> {
    if (this.#tokens !== null) return true;
    const refresh = await this.#store.read();
    if (refresh === null) return false;
    try {
      await this.#refresh(refresh);
      return true;
    } catch (failure) {
      if (asReelgateError(failure).code === "signed_out") return false;
      throw failure;
    }
  }

  /** @internal */
  async token(): Promise<string | null> {
    const tokens = this.#tokens;
    if (tokens === null) throw new ReelgateError("signed_out");
    if (Date.now() >= tokens.staleAt) await this.#refresh(tokens.refresh);
    if (this.#tokens === null) throw new ReelgateError("signed_out");
    return this.#tokens.token;
  }

  /** @internal */
  async refused(token: string): Promise<boolean> {
    const tokens = this.#tokens;
    if (tokens === null) throw new ReelgateError("signed_out");
    if (tokens.token === token) await this.#refresh(tokens.refresh); // else another request has replaced it meanwhile
    return this.#tokens !== null;
  }

  /** All requests that need a new token wait for the same one. */
  #refresh(refresh: string): Promise<void> {
    this.#refreshing ??= this.#exchange(refresh).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #exchange(refresh: string): Promise<void> {
    const epoch = this.#epoch;
    let tokens: Tokens;
    try {
      tokens = await this.#post<Tokens>("/v1/auth/refresh", { refresh_token: refresh }, true);
    } catch (failure) {
      const error = asReelgateError(failure);
      if (epoch !== this.#epoch) throw new ReelgateError("signed_out", { cause: failure });
      if (error.status !== 401 && error.status !== 400 && error.code !== "account_deleted") throw error;
      await this.signOut();
      throw new ReelgateError("signed_out", { status: error.status, requestId: error.requestId, cause: error });
    }
    if (epoch !== this.#epoch) throw new ReelgateError("signed_out");
    await this.#keep(tokens);
  }

  async #begin(tokens: Tokens): Promise<Session> {
    this.#epoch += 1;
    return this.#keep(tokens);
  }

  async #keep(tokens: Tokens): Promise<Session> {
    const { user } = tokens;
    const lifetime = lifetimeOf(tokens.token) ?? Date.parse(tokens.expires_at) - Date.now();
    this.#tokens = {
      token: tokens.token,
      refresh: tokens.refresh_token,
      // A token that lives shorter than that is used for half of its life; a wrong clock must not refresh before every request.
      staleAt: Date.now() + Math.max(lifetime - REFRESH_BEFORE_MILLISECONDS, lifetime / 2, 5_000),
    };
    await this.#store.write(tokens.refresh_token);
    const session = { userId: user.user_id, email: user.email, role: user.role, emailVerified: user.email_verified };
    this.#show(session);
    return session;
  }

  #show(session: Session | null): void {
    const before = this.#session;
    this.#session = session;
    const same = before?.userId === session?.userId && before?.role === session?.role && before?.emailVerified === session?.emailVerified;
    if (!same) for (const listener of [...this.#listeners]) listener(session);
  }

  async #post<T>(path: string, body: unknown, idempotent: boolean): Promise<T> {
    const answer = await this.#transport.send({ method: "POST", path, body, idempotent, authorized: false });
    const text = await answer.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}

/** How long a token lives by its own account, in milliseconds: the clock of this device may be wrong, a difference is not. */
function lifetimeOf(token: string): number | null {
  try {
    const payload = token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/");
    const { iat, exp } = JSON.parse(atob(payload)) as { iat?: unknown; exp?: unknown };
    return typeof iat === "number" && typeof exp === "number" && exp > iat ? (exp - iat) * 1000 : null;
  } catch {
    return null;
  }
}

/** A user name of the first part of an address: letters and digits, with single dots, hyphens and underscores between. */
function nameFrom(email: string): string {
  const name = (email.split("@")[0] ?? "")
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/[._-]{2,}/g, "-")
    .slice(0, 40)
    .replace(/^[._-]+|[._-]+$/g, "");
  return name.length >= 2 ? name : `user-${name}`.replace(/-$/, "");
}

/** Tokens that somebody else takes care of: an API key, or a function that returns a token of one's own issuer. */
export class GivenTokens implements Credentials {
  readonly #give: string | (() => string | Promise<string>);

  constructor(give: string | (() => string | Promise<string>)) {
    this.#give = give;
  }

  async token(): Promise<string> {
    return typeof this.#give === "string" ? this.#give : this.#give();
  }

  async refused(token: string): Promise<boolean> {
    return typeof this.#give !== "string" && (await this.#give()) !== token;
  }
}
