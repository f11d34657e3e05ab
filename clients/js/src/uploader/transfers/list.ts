import { ReelgateError } from "../../client/errors.js";
import { isAccepted } from "../files/accepted.js";
import { Item, type Refusal } from "./item.js";
import type { ChunkAttempt, ChunkSuccess, Destination, Unfinished, Verdict } from "./transfer.js";

/** How many files the API judges in one request, and how many a list takes at once. */
export const MOST_FILES = 1000;

/** What the page wants, read anew for each file. */
export interface Wishes {
  readonly destination: Destination | null;
  readonly accept: string;
  /** Bytes; null for no limit. */
  readonly maxFileSize: number | null;
  /** How many are sent at once. */
  readonly concurrent: number;
}

/** What happens to the list. `detail` names the item, if it is about one. */
export interface ListEvents {
  /** Files came or went, or one is in another state. */
  change: Item | null;
  progress: Item;
  /** Of several files, some do not fit. */
  verdict: { fits: number; of: number; left: number };
  start: Item;
  chunkattempt: { item: Item; detail: ChunkAttempt };
  chunksuccess: { item: Item; detail: ChunkSuccess };
}

/** The files of an uploader: which are sent, when, and how each fares. One that fails does not stop the others. */
export class TransferList {
  readonly items: Item[] = [];
  #unfinished: readonly Unfinished[] = [];
  #paused = false;
  readonly #wishes: () => Wishes;
  readonly #tell: <K extends keyof ListEvents>(kind: K, detail: ListEvents[K]) => void;

  constructor(wishes: () => Wishes, tell: <K extends keyof ListEvents>(kind: K, detail: ListEvents[K]) => void) {
    this.#wishes = wishes;
    this.#tell = tell;
  }

  /** What was begun and is not in the list. */
  get unfinished(): readonly Unfinished[] {
    const known = new Set(this.items.flatMap((item) => [item.resumeId, item.transfer?.id ?? null]));
    return this.#unfinished.filter((one) => !known.has(one.id));
  }

  /** Ask again what was begun and not finished. */
  async refresh(): Promise<void> {
    const { destination } = this.#wishes();
    try {
      this.#unfinished = destination ? await destination.unfinished() : [];
    } catch {
      this.#unfinished = []; // the list is an offer; what is wrong is said where somebody uploads
    }
    this.#tell("change", null);
  }

  /** Give up what was begun. */
  async discard(id: string): Promise<void> {
    await this.#wishes().destination?.discard(id);
    this.#unfinished = this.#unfinished.filter((one) => one.id !== id);
    this.#tell("change", null);
  }

  /**
   * Take files: refuse those that are none, ask the server which of them fit, and begin.
   *
   * A file with name and size of an unfinished upload continues that one. `resumeId` names it where the user has chosen one.
   */
  async add(files: readonly File[], resumeId: string | null = null): Promise<Item[]> {
    const free = [...this.unfinished];
    const added = files.map((file) => {
      const at = free.findIndex((one) => one.filename === file.name && one.size === file.size);
      const item = new Item(file, resumeId ?? (at < 0 ? null : (free.splice(at, 1)[0]?.id ?? null)));
      item.refusal = this.#refusal(file);
      return item;
    });
    this.items.push(...added);
    this.#tell("change", null);
    for (const item of added) if (item.refusal) this.#tell("change", item);
    await this.#judge(added.filter((item) => item.refusal === null && item.resumeId === null));
    this.#next();
    return added;
  }

  #refusal(file: File): Refusal | null {
    const { accept, maxFileSize } = this.#wishes();
    if (!isAccepted(file, accept)) return { kind: "type" };
    if (file.size === 0) return { kind: "empty" };
    return maxFileSize !== null && file.size > maxFileSize ? { kind: "size", limit: maxFileSize } : null;
  }

  async #judge(items: readonly Item[]): Promise<void> {
    const { destination } = this.#wishes();
    if (!destination || items.length === 0) return;
    for (const item of items) item.isJudged = false;
    let verdict: Verdict | null = null;
    try {
      verdict = await destination.check(items.map((item) => item.file.size));
    } catch {
      // It only saves a disappointment: each upload is judged again when it starts.
    }
    for (const item of items) item.isJudged = true;
    if (!verdict) return;
    items.forEach((item, at) => (item.refused = verdict.refusals[at] ?? null));
    const fits = items.filter((item) => item.refused === null).length;
    if (fits < items.length) this.#tell("verdict", { fits, of: items.length, left: verdict.left });
    for (const item of items) if (item.refused) this.#tell("change", item);
  }

  /** Whether all have been stopped for a while. None begins until this is false again. */
  get paused(): boolean {
    return this.#paused;
  }

  set paused(value: boolean) {
    if (value === this.#paused) return;
    this.#paused = true; // until those that were stopped have their places again
    for (const { transfer, state } of [...this.items]) {
      if (value && ["checking", "sending"].includes(state)) transfer?.pause();
      if (!value && state === "paused") transfer?.resume();
    }
    this.#paused = value;
    this.#tell("change", null);
    this.#next();
  }

  #next(): void {
    if (this.#paused) return;
    const { destination, concurrent } = this.#wishes();
    for (const item of this.items) {
      if (this.items.filter((one) => one.isRunning).length >= concurrent) return;
      if (item.state === "waiting" && item.transfer === null && item.isJudged) this.#send(item, destination);
    }
  }

  #send(item: Item, destination: Destination | null): void {
    if (!destination) {
      item.refused = new ReelgateError("no_endpoint");
      this.#tell("change", item);
      return;
    }
    const transfer = destination.send({ file: item.file, filename: item.filename, resumeId: item.resumeId });
    item.transfer = transfer;
    const mine = (): boolean => item.transfer === transfer;
    transfer.addEventListener("progress", () => mine() && this.#tell("progress", item));
    const chunk = <K extends "chunkattempt" | "chunksuccess">(kind: K): void =>
      transfer.addEventListener(kind, (event) => mine() && this.#tell(kind, { item, detail: (event as CustomEvent).detail } as ListEvents[K]));
    chunk("chunkattempt");
    chunk("chunksuccess");
    transfer.addEventListener("statechange", () => {
      if (!mine()) return;
      this.#tell("change", item);
      this.#next();
    });
    this.#tell("start", item);
    this.#tell("change", item);
  }

  /** Try a failed file again, under another name if one is given. */
  async retry(item: Item, filename = item.filename): Promise<void> {
    if (!item.canRetry && !item.isNameTaken) return;
    if (item.isResumable && filename === item.filename) return item.transfer?.resume();
    const judged = item.refused !== null;
    item.filename = filename;
    item.again();
    this.#tell("change", item);
    if (judged) await this.#judge([item]);
    this.#next();
  }

  /** Give up what was begun with another file of that name, and send this one. */
  async replace(item: Item): Promise<void> {
    const { transfer } = item;
    if (!transfer || !item.isAnotherFile) return;
    const { id } = transfer;
    item.resumeId = null;
    await transfer.discard?.();
    this.#unfinished = this.#unfinished.filter((one) => one.id !== id);
    this.#tell("change", item);
  }

  /** Stop a file and free what is reserved for it, or take one that is over off the list. */
  async remove(item: Item): Promise<void> {
    if (!item.isOver) await item.transfer?.cancel();
    const over = item.state;
    const at = this.items.indexOf(item);
    if (at >= 0) this.items.splice(at, 1);
    item.transfer = null;
    this.#tell("change", null);
    this.#next();
    if (over === "failed") await this.refresh(); // what has arrived of it can be continued, or discarded
  }

  /** Take everything off the list. What is under way stops, and can be continued. */
  clear(): void {
    for (const item of this.items.splice(0)) {
      if (!item.isOver) item.transfer?.pause();
      item.transfer = null;
    }
    this.#tell("change", null);
  }
}
