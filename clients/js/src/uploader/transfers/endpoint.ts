import { KIB } from "../host.js";
import { QUANTUM, SessionTransfer } from "./session_transfer.js";
import type { Destination, Shipment, Transfer } from "./transfer.js";

/** The URL of an upload session, or a function that returns one for a file. */
export type Endpoint = string | ((file: File) => string | Promise<string>);

/** What the page says about chunks. Sizes are in KiB. */
export interface EndpointOptions {
  readonly multiple: boolean;
  readonly chunkSize: number | undefined;
  readonly dynamicChunkSize: boolean;
}

const DEFAULT_CHUNK = 30_720 * KIB;

/** Files go to upload sessions that somebody else has opened: the page, with a server of its own. */
export class EndpointDestination implements Destination {
  readonly #endpoint: Endpoint;
  readonly #options: EndpointOptions;

  constructor(endpoint: Endpoint, options: EndpointOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  get several(): boolean {
    return typeof this.#endpoint === "function" && this.#options.multiple;
  }

  send({ file }: Shipment): Transfer {
    const { chunkSize, dynamicChunkSize } = this.#options;
    const bytes = Math.max(Math.ceil(((chunkSize ?? 0) * KIB || DEFAULT_CHUNK) / QUANTUM) * QUANTUM, QUANTUM);
    return new SessionTransfer(file, this.#endpoint, bytes, dynamicChunkSize);
  }

  check(): Promise<null> {
    return Promise.resolve(null);
  }

  quota(): Promise<null> {
    return Promise.resolve(null);
  }

  unfinished(): Promise<[]> {
    return Promise.resolve([]);
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}
