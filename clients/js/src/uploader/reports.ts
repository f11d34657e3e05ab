import type { UploaderEventMap, UploaderItem } from "./events.js";
import { KIB, type Host } from "./host.js";
import type { Item } from "./transfers/item.js";
import type { ListEvents, TransferList } from "./transfers/list.js";
import { whyNot, type Language } from "./view/sentences.js";
import { inBytes } from "./words/sizes.js";

/** Tells the page by events, and people by sentences, what happens to the files. */
export class Reports {
  /** The file that was begun last. */
  last: Item | null = null;
  /** Of the files chosen last: how many fit. Empty if all do. */
  verdict = "";
  readonly #host: Host;
  readonly #list: () => TransferList;
  readonly #language: () => Language;
  readonly #announce: (sentence: string) => void;
  readonly #states = new WeakMap<Item, string>();
  #isToldSoon = false;

  constructor(host: Host, list: () => TransferList, language: () => Language, announce: (sentence: string) => void) {
    this.#host = host;
    this.#list = list;
    this.#language = language;
    this.#announce = announce;
  }

  /** All files as they are now, for pages. */
  items(): UploaderItem[] {
    const language = this.#language();
    return this.#list().items.map((item) => ({
      file: item.file,
      filename: item.filename,
      state: item.state,
      sentBytes: item.sentBytes,
      totalBytes: item.file.size,
      bytesPerSecond: item.transfer?.bytesPerSecond ?? null,
      secondsLeft: item.transfer?.secondsLeft ?? null,
      problem: whyNot(item, language) || null,
      error: item.error,
      videoId: item.videoId,
    }));
  }

  /** Tell what the list says. */
  tell<K extends keyof ListEvents>(kind: K, detail: ListEvents[K]): void {
    const told = { kind, detail } as { [N in keyof ListEvents]: { kind: N; detail: ListEvents[N] } }[keyof ListEvents];
    const { words, locale } = this.#language();
    switch (told.kind) {
      case "progress":
        this.#dispatch("progress", this.#percent());
        break;
      case "verdict":
        this.verdict = words.fit(told.detail.fits, told.detail.of, inBytes(told.detail.left, locale));
        this.#announce(this.verdict);
        break;
      case "start":
        this.last = told.detail;
        this.#dispatch("uploadstart", { file: told.detail.file, chunkSize: (told.detail.transfer?.chunkBytes ?? 0) / KIB });
        this.#announce(words.said.started(told.detail.filename));
        break;
      case "change":
        if (told.detail) this.#became(told.detail);
        this.#showState();
        this.#tellQueue();
        break;
      case "chunkattempt":
        this.#dispatch("chunkattempt", { ...told.detail.detail, file: told.detail.item.file });
        break;
      case "chunksuccess":
        this.#dispatch("chunksuccess", { ...told.detail.detail, file: told.detail.item.file });
    }
  }

  /** Say that something is wrong with no file in particular. */
  complain(message: string, code: string): void {
    this.#announce(message);
    this.#dispatch("uploaderror", { message, file: null, code });
  }

  /** Say once what has become of a file. */
  #became(item: Item): void {
    const { state, file, filename, videoId } = item;
    if (this.#states.get(item) === state) return;
    this.#states.set(item, state);
    const { said } = this.#language().words;
    if (state === "cancelled") this.#announce(said.cancelled(filename));
    if (state === "failed") {
      const message = whyNot(item, this.#language());
      this.#announce(said.failed(filename, message));
      this.#dispatch("uploaderror", { message, file, code: item.error?.code ?? item.refusal?.kind ?? "" });
    }
    if (state === "ready") {
      this.#dispatch("progress", this.#percent());
      this.#announce(said.done(filename));
      this.#dispatch("success", { file });
      if (videoId) this.#dispatch("ready", { videoId, file });
    }
  }

  /** Of the files that are not given up: how much has arrived. */
  #percent(): number {
    const counted = this.#list().items.filter((item) => item.state !== "failed" && item.state !== "cancelled");
    const total = counted.reduce((sum, item) => sum + item.file.size, 0);
    return total === 0 ? 0 : (counted.reduce((sum, item) => sum + item.sentBytes, 0) / total) * 100;
  }

  /** Attributes by which pages style the element, named as `<mux-uploader>`'s. */
  #showState(): void {
    const { items } = this.#list();
    this.#host.toggleAttribute("file-ready", items.length > 0);
    this.#host.toggleAttribute("upload-in-progress", items.some((item) => !item.isOver));
    this.#host.toggleAttribute("upload-error", items.some((item) => item.state === "failed"));
    this.#host.toggleAttribute("upload-complete", items.length > 0 && items.every((item) => item.state === "ready"));
  }

  /** Many changes at once are one event. */
  #tellQueue(): void {
    if (this.#isToldSoon) return;
    this.#isToldSoon = true;
    queueMicrotask(() => {
      this.#isToldSoon = false;
      this.#dispatch("queuechange", { items: this.items() });
    });
  }

  #dispatch<K extends keyof UploaderEventMap>(kind: K, detail: UploaderEventMap[K]["detail"]): void {
    this.#host.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
