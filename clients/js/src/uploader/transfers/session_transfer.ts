import { asReelgateError, ReelgateError } from "../../client/errors.js";
import { Reelgate } from "../../client/reelgate.js";
import { sendSession, type SessionPlan } from "../../uploads/session_sender.js";
import { Speedometer } from "../../uploads/speed.js";
import { KIB } from "../host.js";
import type { Endpoint } from "./endpoint.js";
import type { ChunkAttempt, ChunkSuccess, Transfer, TransferState } from "./transfer.js";

/** Chunks of a session are multiples of this. */
export const QUANTUM = 256 * KIB;
const LARGEST_CHUNK = 512 * 1024 * KIB;
/** With chunks of varying size: larger ones while one takes less than this many seconds, smaller ones while it takes more. */
const QUICK = 10;
const SLOW = 30;

/**
 * A file on its way to an upload session.
 *
 * Before the first byte, and after everything that goes wrong, the session is asked what it has. So a page that hands out the same session after
 * a reload goes on where it was.
 */
export class SessionTransfer extends EventTarget implements Transfer {
  readonly id = null;
  readonly totalBytes: number;
  state: TransferState = "checking";
  sentBytes = 0;
  error: ReelgateError | null = null;
  chunkBytes: number;
  readonly #file: File;
  readonly #endpoint: Endpoint;
  readonly #isDynamic: boolean;
  readonly #speed = new Speedometer();
  #url: string | null = null;
  #work = new AbortController();
  #chunk = { from: -1, number: -1, attempts: 0, beganAt: 0 };

  constructor(file: File, endpoint: Endpoint, chunkBytes: number, isDynamic: boolean) {
    super();
    this.#file = file;
    this.#endpoint = endpoint;
    this.#isDynamic = isDynamic;
    this.chunkBytes = chunkBytes;
    this.totalBytes = file.size;
    queueMicrotask(() => this.state === "checking" && this.#begin()); // whoever has asked for it listens first
  }

  get bytesPerSecond(): number {
    return this.state === "sending" ? this.#speed.bytesPerSecond : 0;
  }

  get secondsLeft(): number | null {
    const rate = this.bytesPerSecond;
    return rate > 0 ? (this.totalBytes - this.sentBytes) / rate : null;
  }

  pause(): void {
    if (this.state !== "checking" && this.state !== "sending") return;
    this.#work.abort();
    this.#become("paused");
  }

  resume(): void {
    if (this.state === "paused" || this.state === "failed") this.#begin();
  }

  /** Stop. Whoever has opened the session can close it. */
  cancel(): Promise<void> {
    this.#work.abort();
    this.#become("cancelled");
    return Promise.resolve();
  }

  #become(state: TransferState): void {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }

  #begin(): void {
    this.error = null;
    this.#work = new AbortController();
    this.#speed.reset();
    this.#become("checking");
    const { signal } = this.#work;
    this.#send(signal).catch((failure: unknown) => {
      if (signal.aborted) return;
      this.error = asReelgateError(failure);
      this.#url = null; // a function may have another one for the next attempt
      this.#become("failed");
    });
  }

  async #open(): Promise<string> {
    return typeof this.#endpoint === "string" ? this.#endpoint : await this.#endpoint(this.#file);
  }

  async #send(signal: AbortSignal): Promise<void> {
    const url = (this.#url ??= await this.#open());
    if (signal.aborted) return;
    // Without a server of Reelgate's, only what a client knows of networks is used: how long to wait, and how to send.
    const reelgate = new Reelgate({ endpoint: "" });
    const job = { reelgate, file: this.#file, signal, checksums: null, report: (arrived: number, more: number) => this.#report(arrived, more), lost: () => this.#speed.reset() };
    const chunkBytes = (): number => this.chunkBytes;
    const plan: SessionPlan = {
      url,
      fresh: false,
      get chunkBytes() {
        return chunkBytes(); // it grows and shrinks
      },
      renew: () => this.#renew(),
      onChunk: (offset) => this.#attempted(offset),
      onKept: (kept, status) => this.#kept(kept, status),
    };
    await sendSession(job, plan);
    if (this.sentBytes < this.totalBytes) throw new ReelgateError("upload_expired"); // it was closed before all was there
    this.#become("ready");
  }

  /** The session is over. A function may open another one. */
  async #renew(): Promise<string> {
    const url = await this.#open();
    if (url === this.#url) throw new ReelgateError("upload_expired");
    this.#url = url;
    return url;
  }

  #report(arrived: number, onTheirWay: number): void {
    this.#become("sending");
    this.sentBytes = Math.min(arrived + onTheirWay, this.totalBytes);
    this.#speed.note(this.sentBytes, performance.now());
    this.dispatchEvent(new Event("progress"));
  }

  #attempted(offset: number): void {
    this.#become("sending");
    const again = offset === this.#chunk.from;
    const { number, attempts } = this.#chunk;
    this.#chunk = { from: offset, number: again ? number : number + 1, attempts: again ? attempts + 1 : 1, beganAt: performance.now() };
    const detail: ChunkAttempt = { chunkNumber: this.#chunk.number, chunkSize: this.chunkBytes / KIB };
    this.dispatchEvent(new CustomEvent("chunkattempt", { detail }));
  }

  #kept(kept: number, status: number): void {
    if (kept <= this.#chunk.from) return;
    const timeInterval = (performance.now() - this.#chunk.beganAt) / 1000;
    const { number, attempts } = this.#chunk;
    const detail: ChunkSuccess = { chunk: number, chunkSize: this.chunkBytes / KIB, attempts, timeInterval, response: { statusCode: status } };
    this.dispatchEvent(new CustomEvent("chunksuccess", { detail }));
    if (!this.#isDynamic) return;
    const wanted = timeInterval < QUICK ? this.chunkBytes * 2 : timeInterval > SLOW ? this.chunkBytes / 2 : this.chunkBytes;
    this.chunkBytes = Math.min(Math.max(Math.ceil(wanted / QUANTUM) * QUANTUM, QUANTUM), LARGEST_CHUNK);
  }
}
