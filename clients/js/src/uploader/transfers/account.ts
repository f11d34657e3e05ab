import { ReelgateError } from "../../client/errors.js";
import { Reelgate } from "../../client/reelgate.js";
import type { UploadInfo } from "../../client/types.js";
import type { Destination, Quota, Shipment, Transfer, Unfinished, Verdict } from "./transfer.js";

/** Of how many unfinished uploads it is asked what has arrived: a request for each. */
const MOST_ASKED = 5;
/** How many are offered. */
const MOST_SHOWN = 50;

/** A token of the API, or a function that returns a fresh one. */
export type Token = string | (() => string | Promise<string>);

/**
 * The client of a page that gives an address and a token. It stays the same while the address does and asks for the token anew each
 * time: uploads that are under way or have failed go on with the token that the page sets after theirs has expired.
 */
export class TokenClient {
  readonly #given: () => Token | null;
  #made: { readonly api: string; readonly client: Reelgate } | null = null;

  constructor(given: () => Token | null) {
    this.#given = given;
  }

  /** The client of an address. Without a token, one that nobody has signed in to. */
  at(api: string): Reelgate {
    if (!this.#given()) return new Reelgate({ endpoint: api });
    if (this.#made?.api !== api) this.#made = { api, client: new Reelgate({ endpoint: api, token: () => this.#token() }) };
    return this.#made.client;
  }

  async #token(): Promise<string> {
    const given = this.#given();
    const token = typeof given === "function" ? await given() : given;
    if (!token) throw new ReelgateError("signed_out");
    return token;
  }
}

/** What the page says about sending; read anew for each file. */
export interface AccountOptions {
  /** Parts at a time; undefined: the client decides by the size. */
  readonly parallel: number | undefined;
  /** Whether a file is known again after a reload. */
  readonly remember: boolean;
}

/** Files become videos of the signed-in user. */
export class AccountDestination implements Destination {
  readonly several = true;
  readonly #client: Reelgate;
  readonly #options: AccountOptions;

  constructor(client: Reelgate, options: AccountOptions) {
    this.#client = client;
    this.#options = options;
  }

  send({ file, filename, resumeId }: Shipment): Transfer {
    const { parallel, remember } = this.#options;
    return this.#client.upload(file, {
      filename,
      remember,
      ...(parallel === undefined ? {} : { parallel }),
      ...(resumeId === null ? {} : { resumeId }),
    });
  }

  async check(sizes: readonly number[]): Promise<Verdict> {
    const found = await this.#client.uploads.check(sizes);
    const refusals = found.items.map(({ allowed, code, detail }) =>
      allowed ? null : new ReelgateError(code ?? "storage_limit_exceeded", { detail: detail ?? null }),
    );
    return { left: Math.min(found.storage_available, found.bandwidth_available), refusals };
  }

  async quota(): Promise<Quota> {
    const { storage, bandwidth } = await this.#client.usage.now();
    return { storageLeft: storage.available, storageLimit: storage.limit, todayLeft: bandwidth.available };
  }

  async unfinished(): Promise<Unfinished[]> {
    const { items } = await this.#client.uploads.list({ limit: MOST_SHOWN });
    const asked = items.slice(0, MOST_ASKED).map(async ({ upload_id }) => {
      try {
        return await this.#client.uploads.get(upload_id);
      } catch {
        return null; // how much has arrived is a comfort, not a need
      }
    });
    const known = await Promise.all(asked);
    return items.map((item, at) => ({
      id: item.upload_id,
      filename: item.filename,
      size: item.size,
      received: arrived(known[at] ?? item),
    }));
  }

  async discard(id: string): Promise<void> {
    await this.#client.uploads.cancel(id);
  }
}

/** Bytes that are in the bucket, as far as that is known. Parts are of one size, but for the last. */
function arrived({ received_bytes, parts, size }: UploadInfo): number | null {
  if (received_bytes !== null) return received_bytes;
  if (!parts?.received || parts.size === null || parts.count === null) return null;
  const [each, last] = [parts.size, parts.count - 1];
  return parts.received.reduce((sum, index) => sum + (index === last ? size - last * each : each), 0);
}
