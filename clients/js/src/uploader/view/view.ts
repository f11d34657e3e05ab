import type { Item } from "../transfers/item.js";
import type { Unfinished } from "../transfers/transfer.js";
import { make, say, set } from "./dom.js";
import { DropZone, type DropActions, type DropOptions } from "./drop_zone.js";
import { RowView, type RowActions, type RowOptions } from "./row.js";
import type { Language } from "./sentences.js";
import { styles } from "./styles.js";
import { UnfinishedView, type UnfinishedActions } from "./unfinished_view.js";

/** All that is shown. */
export interface Shown extends DropOptions, RowOptions {
  readonly items: readonly Item[];
  readonly unfinished: readonly Unfinished[];
  /** A line about all files: "You are offline ...". */
  readonly message: string;
}

/** How long a sentence stays where screen readers find it. */
const SAID_FOR = 10_000;

/** The inside of the element. */
export class View {
  readonly zone: DropZone;
  readonly unfinished: UnfinishedView;
  readonly #status = make("p", { class: "status", part: "status" });
  readonly #list = make("ul", { role: "list", part: "queue" });
  readonly #live = make("div", { class: "live", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
  readonly #root: ShadowRoot;
  readonly #actions: RowActions;
  readonly #rows = new Map<number, RowView>();

  constructor(root: ShadowRoot, actions: DropActions & RowActions & { unfinished: UnfinishedActions }) {
    this.#root = root;
    this.#actions = actions;
    this.zone = new DropZone(actions);
    this.unfinished = new UnfinishedView(actions.unfinished);
    root.adoptedStyleSheets = [styles()];
    root.append(this.zone.element, this.#status, this.#list, this.unfinished.element, this.#live);
  }

  /** Show everything as it is now. */
  update(language: Language, shown: Shown): void {
    this.zone.update(language, shown);
    say(this.#status, shown.message);
    set(this.#list, "aria-label", language.words.files);
    this.#list.hidden = shown.items.length === 0;
    this.#showRows(language, shown);
    this.unfinished.update(shown.unfinished, language);
  }

  #showRows(language: Language, shown: Shown): void {
    const kept = new Set(shown.items.map((item) => item.key));
    const hadFocus = this.#root.activeElement;
    let follower: RowView | undefined;
    for (const [key, row] of this.#rows) {
      if (kept.has(key)) continue;
      if (hadFocus && row.element.contains(hadFocus)) follower = this.#neighbour(row, kept);
      row.element.remove();
      this.#rows.delete(key);
    }
    for (const item of shown.items) {
      const row = this.#rows.get(item.key) ?? new RowView(item, this.#actions);
      if (!this.#rows.has(item.key)) this.#list.append(row.element);
      this.#rows.set(item.key, row);
      row.update(language, shown);
    }
    // The keyboard's user stays where the row was, and does not begin at the top of the page again.
    if (hadFocus && !this.#root.activeElement) follower ? follower.focus() : this.zone.focus();
  }

  #neighbour(row: RowView, kept: ReadonlySet<number>): RowView | undefined {
    const order = [...this.#rows.entries()];
    const at = order.findIndex(([, one]) => one === row);
    return [...order.slice(at), ...order.slice(0, at).reverse()].find(([key]) => kept.has(key))?.[1];
  }

  /** Show how far a file is. */
  progress(item: Item, language: Language, options: RowOptions): void {
    this.#rows.get(item.key)?.update(language, options);
  }

  /** Let screen readers say something when they are done with what they are saying. */
  announce(sentence: string): void {
    const said = make("p", {}, sentence);
    this.#live.append(said);
    setTimeout(() => said.remove(), SAID_FOR);
  }
}
