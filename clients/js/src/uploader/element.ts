import type { Reelgate } from "../client/reelgate.js";
import { OBSERVED, UploaderAttributes } from "./attributes.js";
import { Controller } from "./controller.js";
import type { UploaderEventMap, UploaderItem } from "./events.js";
import { AccountDestination, TokenClient, type Token } from "./transfers/account.js";
import { EndpointDestination, type Endpoint } from "./transfers/endpoint.js";
import type { Destination, Transfer } from "./transfers/transfer.js";

export type { Token } from "./transfers/account.js";

/** Properties that a page may have set before the element was defined. */
const EARLY = [
  "client", "api", "token", "endpoint", "multiple", "accept", "type", "parallel", "remember", "chunkSize", "maxFileSize", "dynamicChunkSize",
  "useLargeFileWorkaround", "pausable", "paused", "noDrop", "noProgress", "noStatus", "noRetry", "locale",
];

const nothing = (): void => undefined;

/**
 * `<reelgate-uploader>`: a drop zone with a list of files.
 *
 * With `client`, or with `api` and `token`, files become videos of that account. With `endpoint`, which is the URL of an upload session
 * or an async function that returns one for a file, it takes the place of `<mux-uploader>`.
 */
export class ReelgateUploaderElement extends UploaderAttributes {
  static readonly observedAttributes: readonly string[] = OBSERVED;

  readonly #controller: Controller;
  readonly #tokenClient = new TokenClient(() => this.token);
  #client: Reelgate | null = null;
  #token: Exclude<Token, string> | null = null;
  #endpoint: Exclude<Endpoint, string> | null = null;
  #connection: AbortController | null = null;
  #unwatch: () => void = nothing;

  constructor() {
    super();
    this.#controller = new Controller(this, this.attachShadow({ mode: "open" }));
  }

  /** The signed-in client that uploads are made with. */
  get client(): Reelgate | null {
    return this.#client;
  }
  set client(value: Reelgate | null | undefined) {
    if (this.#client === (value ?? null)) return;
    this.#client = value ?? null;
    this.#connect();
  }

  /** With `api`: a token, or a function that returns a fresh one. A function is better: others on the page can read an attribute. */
  get token(): Token | null {
    return this.#token ?? this.getAttribute("token");
  }
  set token(value: Token | null | undefined) {
    const before = this.token;
    this.#token = typeof value === "function" ? value : null;
    if (typeof value === "string") this.setAttribute("token", value);
    else this.removeAttribute("token");
    if (this.#token !== before) this.#connect();
  }

  /** The URL of an upload session, or a function that returns one for a file. */
  get endpoint(): Endpoint | null {
    return this.getAttribute("endpoint") ?? this.#endpoint;
  }
  set endpoint(value: Endpoint | null | undefined) {
    const before = this.endpoint;
    this.#endpoint = typeof value === "function" ? value : null;
    if (typeof value === "string") this.setAttribute("endpoint", value);
    else this.removeAttribute("endpoint");
    if (this.#endpoint !== before) this.#connect();
  }

  /** Whether all uploads are stopped for a while. */
  get paused(): boolean {
    return this.#controller.list.paused;
  }
  set paused(value: boolean) {
    const paused = Boolean(value);
    if (paused === this.paused) return;
    this.#controller.list.paused = paused;
    this.toggleAttribute("paused", paused);
    this.dispatchEvent(new CustomEvent("pausedchange", { detail: paused }));
  }

  /** The upload that was begun last. */
  get upload(): Transfer | undefined {
    return this.#controller.reports.last?.transfer ?? undefined;
  }

  /** All files of the list, as they are now. */
  get items(): UploaderItem[] {
    return this.#controller.reports.items();
  }

  /** Upload files, as if they had been chosen. */
  async add(files: Iterable<File>): Promise<void> {
    await this.#controller.take([...files]);
  }

  /** Open the dialog in which files are chosen. Browsers allow that only while they handle a click or a key. */
  choose(): void {
    this.#controller.choose();
  }

  /** @internal */
  connectedCallback(): void {
    for (const name of EARLY) this.#upgrade(name);
    this.#connection = new AbortController();
    this.#controller.listen(this.#connection.signal);
    if (this.hasAttribute("paused")) this.paused = true;
    this.#connect();
  }

  /** @internal */
  disconnectedCallback(): void {
    this.#connection?.abort();
    this.#connection = null;
    this.#unwatch();
  }

  /** @internal */
  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (name === "locale") this.dispatchEvent(new CustomEvent("localechange", { detail: { locale: now } }));
    if (name === "paused") this.paused = now !== null;
    if (["api", "token", "endpoint"].includes(name)) this.#connect();
    this.#controller.draw();
  }

  /** Take a property that was set before the element was defined: it hides the accessor. */
  #upgrade(name: string): void {
    if (!Object.hasOwn(this, name)) return;
    const self = this as unknown as Record<string, unknown>;
    const value = self[name];
    delete self[name];
    self[name] = value;
  }

  #connect(): void {
    if (!this.#connection) return;
    this.#unwatch();
    this.#unwatch = this.#client?.auth.onChange(() => this.#controller.refresh()) ?? nothing;
    this.#controller.sendTo(this.#destination());
  }

  #destination(): Destination | null {
    const { endpoint, api } = this;
    if (endpoint) return new EndpointDestination(endpoint, this);
    const client = this.#client ?? (api ? this.#tokenClient.at(api) : null);
    return client && new AccountDestination(client, this);
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- how the DOM's own types do it
export interface ReelgateUploaderElement {
  addEventListener<K extends keyof UploaderEventMap>(type: K, listener: (this: ReelgateUploaderElement, event: UploaderEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof UploaderEventMap>(type: K, listener: (this: ReelgateUploaderElement, event: UploaderEventMap[K]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
