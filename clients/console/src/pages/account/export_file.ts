/** One file out of all pages of an export, without holding more than its text. */

/** A page, as `GET /v1/me/export` gives it: lists, and members that only the first page has. */
export type ExportPage = Readonly<Record<string, unknown>> & { readonly next_cursor?: string | null };

/** Joins the lists of pages, in the order in which they come. */
export class ExportFile {
  readonly #lists = new Map<string, string[]>();
  readonly #members = new Map<string, string>();
  #items = 0;
  #pages = 0;

  /** How many items there are so far, in all lists. */
  get items(): number {
    return this.#items;
  }

  /** How many pages there are so far. */
  get pages(): number {
    return this.#pages;
  }

  /** Add the next page. */
  add(page: ExportPage): void {
    this.#pages += 1;
    for (const [name, value] of Object.entries(page)) {
      if (name === "next_cursor") continue;
      if (Array.isArray(value)) this.#addItems(name, value);
      else if (value !== null && !this.#members.has(name)) this.#members.set(name, JSON.stringify(value));
    }
  }

  /** The file: one JSON object with all lists, an item a line. */
  blob(): Blob {
    const texts: string[] = ["{"];
    let before = "\n";
    for (const [name, text] of this.#members) {
      texts.push(before, JSON.stringify(name), ": ", text);
      before = ",\n";
    }
    for (const [name, items] of this.#lists) {
      texts.push(before, JSON.stringify(name), ": [");
      items.forEach((item, index) => texts.push(index === 0 ? "\n" : ",\n", item));
      texts.push("]");
      before = ",\n";
    }
    texts.push("\n}\n");
    return new Blob(texts, { type: "application/json" });
  }

  #addItems(name: string, items: readonly unknown[]): void {
    const list = this.#lists.get(name) ?? [];
    for (const item of items) list.push(JSON.stringify(item));
    this.#lists.set(name, list);
    this.#items += items.length;
  }
}
