import { nextName } from "../files/accepted.js";
import type { Item } from "../transfers/item.js";
import { button, label, make, say, set } from "./dom.js";
import { ProgressView, type ProgressType } from "./progress.js";
import { whereIsIt, whyNot, type Language } from "./sentences.js";

/** What a row can be asked to do. */
export interface RowActions {
  pause(item: Item): void;
  resume(item: Item): void;
  retry(item: Item, filename?: string): void;
  /** Give up what was begun with another file, and send this one. */
  replace(item: Item): void;
  remove(item: Item): void;
}

/** What is shown of a row. */
export interface RowOptions {
  readonly pausable: boolean;
  readonly progress: boolean;
  readonly status: boolean;
  readonly retry: boolean;
  readonly type: ProgressType;
}

/** A file in the list: name, progress, where it is, and what can be done. */
export class RowView {
  readonly element: HTMLLIElement;
  readonly #item: Item;
  readonly #name = make("span", { class: "name", part: "name" });
  readonly #details = make("span", { class: "details", part: "details" });
  readonly #problem = make("span", { class: "problem", part: "status" });
  readonly #progress = new ProgressView();
  readonly #pause: HTMLButtonElement;
  readonly #retry: HTMLButtonElement;
  readonly #rename: HTMLButtonElement;
  readonly #replace: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;

  constructor(item: Item, actions: RowActions) {
    this.#item = item;
    this.#pause = button("pause", () => (item.state === "paused" ? actions.resume(item) : actions.pause(item)));
    this.#retry = button("retry", () => actions.retry(item));
    this.#rename = button("retry rename", () => actions.retry(item, nextName(item.filename)));
    this.#replace = button("retry replace", () => actions.replace(item));
    this.#remove = button("cancel", () => actions.remove(item));
    const buttons = make("div", { class: "actions" }, this.#pause, this.#retry, this.#rename, this.#replace, this.#remove);
    const words = make("div", { class: "words" }, this.#details, this.#problem);
    this.element = make("li", { class: "row", part: "row" }, this.#name, buttons, this.#progress.element, words);
  }

  update(language: Language, options: RowOptions): void {
    const { words, locale } = language;
    const item = this.#item;
    const { state } = item;
    const problem = whyNot(item, language);
    const root = this.element.getRootNode() as ShadowRoot;
    const focused = this.element.contains(root.activeElement ?? null) ? root.activeElement : null;
    set(this.element, "data-state", state);
    say(this.#name, item.filename);
    set(this.#name, "title", item.filename);
    say(this.#details, whereIsIt(item, language));
    say(this.#problem, problem);
    this.#details.hidden = problem !== "";
    this.#problem.hidden = problem === "" || !options.status;
    const moving = ["sending", "paused", "finishing", "checking"].includes(state) || (state === "failed" && item.sentBytes > 0);
    this.#progress.element.hidden = !options.progress || !moving;
    this.#progress.update(item.sentBytes, item.file.size, { type: options.type, name: words.uploadOf(item.filename), locale });
    this.#pause.hidden = !options.pausable || !["checking", "sending", "paused"].includes(state);
    label(this.#pause, state === "paused" ? words.resume : words.pause, item.filename);
    this.#retry.hidden = !options.retry || !item.canRetry;
    label(this.#retry, words.retry, item.filename);
    this.#rename.hidden = !options.retry || !item.isNameTaken;
    say(this.#rename, words.rename(nextName(item.filename)));
    this.#replace.hidden = !options.retry || !item.isAnotherFile;
    label(this.#replace, words.replace, item.filename);
    this.#remove.hidden = state === "finishing";
    label(this.#remove, item.isOver ? words.remove : words.cancel, item.filename);
    if (focused instanceof HTMLElement && focused.hidden) this.focus();
  }

  /** Move the focus to the first thing that can be done here. */
  focus(): void {
    const first = [...this.element.querySelectorAll("button")].find((one) => !one.hidden);
    first?.focus();
  }
}
