import { asReelgateError } from "../client/errors.js";
import { droppedFiles } from "./files/dropped.js";
import { KIB, type Host } from "./host.js";
import { Reports } from "./reports.js";
import type { Item } from "./transfers/item.js";
import { MOST_FILES, TransferList } from "./transfers/list.js";
import type { Destination, Quota, Unfinished } from "./transfers/transfer.js";
import { make } from "./view/dom.js";
import type { RowOptions } from "./view/row.js";
import { problemIn, type Language } from "./view/sentences.js";
import { View } from "./view/view.js";
import { inBytes } from "./words/sizes.js";
import { wordsFor } from "./words/words.js";

/** Files that are sent at once. */
const CONCURRENT = 2;

/** The inside of the element: takes files, has them sent, and shows how they fare. */
export class Controller {
  readonly list: TransferList;
  readonly reports: Reports;
  readonly #host: Host;
  readonly #view: View;
  readonly #input = make("input", { type: "file", hidden: true });
  readonly #moved = new Set<Item>();
  readonly #ours = new WeakSet<Event>();
  #destination: Destination | null = null;
  #quota: Quota | null = null;
  #asked = 0;
  #problem = "";
  #chosenFor: Unfinished | null = null;
  #frame = 0;
  #isStale = false;

  constructor(host: Host, root: ShadowRoot) {
    this.#host = host;
    this.list = new TransferList(
      () => ({
        destination: this.#destination,
        accept: host.accept,
        maxFileSize: host.maxFileSize === undefined ? null : host.maxFileSize * KIB,
        concurrent: CONCURRENT,
      }),
      (kind, detail) => {
        this.reports.tell(kind, detail);
        if (kind === "progress") return this.#moves(detail as Item);
        if (kind === "change" && (detail as Item | null)?.isOver) void this.#ask();
        this.draw();
      },
    );
    root.append(this.#input);
    this.#input.addEventListener("change", () => void this.#chosen([...(this.#input.files ?? [])]));
    this.#view = new View(root, {
      choose: () => this.choose(),
      drop: (transfer) => void this.#dropped(transfer),
      pause: (item) => item.transfer?.pause(),
      resume: (item) => item.transfer?.resume(),
      retry: (item, filename) => void this.list.retry(item, filename),
      replace: (item) => void this.#attempt(() => this.list.replace(item)),
      remove: (item) => void this.#attempt(() => this.list.remove(item)),
      unfinished: {
        choose: (upload) => this.#open(false, upload),
        discard: (upload) => void this.#attempt(() => this.list.discard(upload.id), upload.id),
      },
    });
    this.reports = new Reports(host, () => this.list, () => this.#language, (sentence) => this.#view.announce(sentence));
    host.addEventListener("file-ready", (event) => this.#given(event as CustomEvent<File>));
    host.addEventListener("reset", () => this.list.clear());
  }

  /** Hear of the network, and of people who leave, until the signal fires. */
  listen(signal: AbortSignal): void {
    for (const kind of ["offline", "online"] as const) {
      const heard = (): void => {
        this.#host.dispatchEvent(new CustomEvent(kind, { detail: null }));
        if (kind === "offline" && this.#isBusy) this.#view.announce(this.#language.words.offline);
        this.draw();
      };
      addEventListener(kind, heard, { signal });
    }
    addEventListener("beforeunload", (event) => this.#isBusy && event.preventDefault(), { signal });
  }

  /** Send files there from now on, and show what is left there. */
  sendTo(destination: Destination | null): void {
    this.#destination = destination;
    this.refresh();
  }

  /** Ask anew what is left, and what is not finished: somebody may have signed in or out. */
  refresh(): void {
    void this.#ask();
    void this.list.refresh();
    this.draw();
  }

  /** Open the dialog in which files are chosen. */
  choose(): void {
    this.#open(this.#several, null);
  }

  /** Take files that somebody has chosen or dropped. */
  async take(files: readonly File[]): Promise<void> {
    this.#problem = this.reports.verdict = "";
    const most = this.#several ? MOST_FILES : 1;
    const taken = files.slice(0, most).filter((file) => {
      const event = new CustomEvent("file-ready", { detail: file, bubbles: true, composed: true, cancelable: true });
      this.#ours.add(event);
      return this.#host.dispatchEvent(event);
    });
    if (taken.length === 0) return;
    if (!this.#several) this.list.clear();
    if (this.#several && files.length > most) this.#problem = this.#language.words.tooMany(most);
    await this.list.add(taken);
  }

  /** Show everything anew, soon. */
  draw(): void {
    this.#isStale = true;
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  #moves(item: Item): void {
    this.#moved.add(item);
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  #show(): void {
    this.#frame = 0;
    const language = this.#language;
    const options: RowOptions = {
      pausable: this.#host.pausable || this.#host.endpoint === null,
      progress: !this.#host.noProgress,
      status: !this.#host.noStatus,
      retry: !this.#host.noRetry,
      type: this.#host.type,
    };
    for (const item of this.#moved) this.#view.progress(item, language, options);
    this.#moved.clear();
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#view.update(language, {
      ...options,
      items: this.list.items,
      unfinished: this.list.unfinished,
      several: this.#several,
      noDrop: this.#host.noDrop,
      open: this.#isOpen,
      quota: this.#quota,
      verdict: this.reports.verdict,
      message: this.#isBusy && !navigator.onLine ? language.words.offline : this.#problem,
    });
  }

  /** The element's language, or else that of what is around it, or the browser's. */
  get #language(): Language {
    const around: (string | null)[] = [];
    for (let at: Element | null = this.#host; at; at = at.parentElement ?? ((at.getRootNode() as Partial<ShadowRoot>).host ?? null)) {
      around.push(at.getAttribute("lang"));
    }
    const nearest = around.find((tag) => tag) ?? null;
    return wordsFor([this.#host.locale, nearest, ...(nearest ? [] : navigator.languages)]);
  }

  get #isBusy(): boolean {
    return this.list.items.some((item) => !item.isOver);
  }

  get #several(): boolean {
    return this.#destination?.several ?? this.#host.multiple;
  }

  /** Whether a file can be taken now. One session takes one file. */
  get #isOpen(): boolean {
    const used = typeof this.#host.endpoint === "string";
    return this.#several || this.list.items.every((item) => item.isOver && !(used && item.state === "ready"));
  }

  #open(several: boolean, chosenFor: Unfinished | null): void {
    this.#chosenFor = chosenFor;
    this.#input.multiple = several;
    this.#input.accept = this.#host.accept;
    this.#input.value = ""; // the same file may be chosen again
    this.#input.click();
  }

  async #chosen(files: readonly File[]): Promise<void> {
    const [upload, file] = [this.#chosenFor, files[0]];
    if (!upload || !file) return this.take(files);
    if (file.size === upload.size) return void (await this.list.add([file], upload.id));
    const { words, locale } = this.#language;
    this.#view.unfinished.complain(upload.id, words.otherFile(upload.filename, inBytes(upload.size, locale), inBytes(file.size, locale)));
    this.draw();
  }

  async #dropped(transfer: DataTransfer): Promise<void> {
    await this.take(await droppedFiles(transfer, MOST_FILES + 1)); // one more tells that there are more
  }

  /** Somebody else has dispatched `file-ready`, as a drop zone of the page's own does. */
  #given(event: CustomEvent<File>): void {
    if (!this.#ours.has(event) && event.detail instanceof File) void this.take([event.detail]);
  }

  /** Do what the server has to agree to, and say so if it does not. */
  async #attempt(act: () => Promise<void>, id?: string): Promise<void> {
    try {
      await act();
    } catch (error) {
      const sentence = problemIn(this.#language, error);
      if (id === undefined) this.#problem = sentence;
      else this.#view.unfinished.complain(id, sentence);
      this.reports.complain(sentence, asReelgateError(error).code);
    }
    void this.#ask();
    this.draw();
  }

  /** Ask what is left. An older answer does not replace a newer one. */
  async #ask(): Promise<void> {
    const mine = ++this.#asked;
    const quota = await (this.#destination?.quota() ?? Promise.resolve(null)).catch(() => null);
    if (mine !== this.#asked) return;
    this.#quota = quota;
    this.draw();
  }
}
