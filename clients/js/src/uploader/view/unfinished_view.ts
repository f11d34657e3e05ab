import type { Unfinished } from "../transfers/transfer.js";
import { inBytes } from "../words/sizes.js";
import { button, label, make, say, TwoStepButton } from "./dom.js";
import type { Language } from "./sentences.js";

/** What can be done about an unfinished upload. */
export interface UnfinishedActions {
  /** Let the user choose the file again. */
  choose(upload: Unfinished): void;
  discard(upload: Unfinished): void;
}

/** Uploads that were begun elsewhere or before a reload: "choose the file again to go on". */
export class UnfinishedView {
  readonly element: HTMLElement;
  readonly #heading = make("h2", { id: "unfinished", part: "unfinished-heading" });
  readonly #list = make("ul", { role: "list", "aria-labelledby": "unfinished" });
  readonly #problems = new Map<string, string>();
  readonly #actions: UnfinishedActions;
  #rows = new Map<string, { element: HTMLLIElement; update: (upload: Unfinished, language: Language) => void }>();

  constructor(actions: UnfinishedActions) {
    this.#actions = actions;
    this.element = make("section", { class: "unfinished", part: "unfinished", "aria-labelledby": "unfinished" }, this.#heading, this.#list);
  }

  /** Say what is wrong with a file that was chosen for one of them. */
  complain(id: string, problem: string): void {
    this.#problems.set(id, problem);
  }

  update(uploads: readonly Unfinished[], language: Language): void {
    say(this.#heading, language.words.unfinished);
    this.element.hidden = uploads.length === 0;
    const before = this.#rows;
    this.#rows = new Map(uploads.map((one) => [one.id, before.get(one.id) ?? this.#row(one)]));
    for (const [id, row] of before) {
      if (this.#rows.has(id)) continue;
      row.element.remove();
      this.#problems.delete(id);
    }
    for (const upload of uploads) {
      const row = this.#rows.get(upload.id);
      row?.update(upload, language);
      if (row && row.element.parentNode !== this.#list) this.#list.append(row.element);
    }
  }

  #row(upload: Unfinished): { element: HTMLLIElement; update: (upload: Unfinished, language: Language) => void } {
    const [name, words] = [make("span", { class: "name", part: "name" }, upload.filename), make("span", { class: "details", part: "details" })];
    const problem = make("span", { class: "problem", part: "status", role: "alert" });
    const choose = button("go-on", () => this.#actions.choose(upload));
    let show = (): void => undefined;
    const discard = new TwoStepButton("discard", () => this.#actions.discard(upload), () => show());
    const question = make("span", { class: "details", part: "question", role: "status" });
    const actions = make("div", { class: "actions" }, choose, discard.element);
    const element = make("li", { class: "row", part: "row" }, name, actions, make("div", { class: "words" }, words, problem, question));
    const update = (now: Unfinished, language: Language): void => {
      const { words: said, locale } = language;
      show = () => update(now, language);
      const arrived = now.received === null ? said.chooseAgain : said.arrived(inBytes(now.received, locale), inBytes(now.size, locale));
      say(words, arrived);
      say(problem, this.#problems.get(now.id) ?? "");
      label(choose, said.goOn, now.filename);
      label(discard.element, discard.asks ? said.discardNow : said.discard, now.filename);
      say(question, discard.asks ? said.discardAsk : "");
    };
    return { element, update };
  }
}
