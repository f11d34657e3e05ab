import type { Quota } from "../transfers/transfer.js";
import { inBytes } from "../words/sizes.js";
import { button, make, say, set } from "./dom.js";
import type { Language } from "./sentences.js";

/** What the drop zone hands on. */
export interface DropActions {
  choose(): void;
  drop(transfer: DataTransfer): void;
}

/** How the drop zone is shown. */
export interface DropOptions {
  readonly several: boolean;
  readonly noDrop: boolean;
  /** Whether files can be chosen now; of one file at a time, not while it is under way. */
  readonly open: boolean;
  readonly quota: Quota | null;
  /** Of the files chosen last: how many fit. Empty if all do. */
  readonly verdict: string;
}

/** Where files are dropped or chosen, and what is left for them. */
export class DropZone {
  readonly element: HTMLElement;
  readonly #heading = make("span", { class: "heading" });
  readonly #separator = make("span", { class: "separator" });
  readonly #select: HTMLButtonElement;
  readonly #prompt: HTMLElement[];
  readonly #overlay = make("div", { class: "overlay", part: "overlay", "aria-hidden": "true" });
  readonly #left = make("p");
  readonly #used = make("div");
  readonly #meter = make("div", { class: "meter", role: "meter", part: "quota-meter", "aria-valuemin": "0", "aria-valuemax": "100" }, this.#used);
  readonly #quota = make("div", { class: "quota", part: "quota" }, this.#left, this.#meter);
  readonly #verdict = make("p", { class: "verdict", part: "verdict" });
  #inside = 0;
  #noDrop = false;

  constructor(actions: DropActions) {
    this.#select = button("file-select-button", () => undefined);
    this.#select.className = "select";
    const slots = [
      make("slot", { name: "heading", part: "heading" }, this.#heading),
      make("slot", { name: "separator", part: "separator" }, this.#separator),
      make("slot", { name: "file-select", part: "file-select" }, this.#select),
    ];
    slots[2]?.addEventListener("click", () => actions.choose()); // of a button of the page's, too
    this.#prompt = slots;
    this.element = make("div", { class: "drop", part: "drop", role: "group" }, ...slots, this.#quota, this.#verdict, this.#overlay);
    this.#listen(actions);
  }

  #listen(actions: DropActions): void {
    const hasFiles = (event: DragEvent): boolean => !this.#noDrop && (event.dataTransfer?.types.includes("Files") ?? false);
    const leave = (): void => {
      this.#inside = 0;
      this.element.removeAttribute("data-active");
    };
    this.element.addEventListener("dragenter", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.#inside += 1; // children are entered before their parent is left
      this.element.setAttribute("data-active", "");
    });
    this.element.addEventListener("dragleave", (event) => {
      if (!hasFiles(event)) return;
      this.#inside -= 1;
      if (this.#inside <= 0) leave();
    });
    this.element.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    });
    this.element.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      leave();
      if (event.dataTransfer) actions.drop(event.dataTransfer);
    });
  }

  /** Move the focus to the button that chooses files. */
  focus(): void {
    this.#select.focus();
  }

  update({ words, locale }: Language, options: DropOptions): void {
    this.#noDrop = options.noDrop || !options.open;
    this.element.classList.toggle("plain", options.noDrop);
    this.element.hidden = options.noDrop && !options.open;
    for (const slot of this.#prompt) slot.hidden = !options.open;
    set(this.element, "aria-label", words.zone);
    say(this.#heading, words.drop(options.several));
    say(this.#separator, words.or);
    say(this.#select, words.choose(options.several));
    say(this.#overlay, words.release);
    say(this.#verdict, options.verdict);
    this.#showQuota(options.quota, { words, locale });
  }

  #showQuota(quota: Quota | null, { words, locale }: Language): void {
    this.#quota.hidden = quota === null;
    if (!quota) return;
    const { storageLeft, storageLimit, todayLeft } = quota;
    const storage = words.storage(inBytes(storageLeft, locale), inBytes(storageLimit, locale));
    say(this.#left, todayLeft < storageLeft ? `${storage} ${words.today(inBytes(todayLeft, locale))}` : storage);
    const used = storageLimit > 0 ? Math.min(1 - storageLeft / storageLimit, 1) : 1;
    this.#used.style.transform = `scaleX(${used})`;
    set(this.#meter, "aria-label", words.storageMeter);
    set(this.#meter, "aria-valuenow", String(Math.round(used * 100)));
    set(this.#meter, "aria-valuetext", storage);
  }
}
