/** What the uploader says. Other languages: {@link addWords}. */

/** A problem as far as its sentence needs it. */
export interface ProblemNumbers {
  readonly code: string;
  /** Names the video or file, if there is one. */
  readonly name?: string | undefined;
  /** Bytes that were asked for, and that are left, already in words. */
  readonly requested?: string | undefined;
  readonly left?: string | undefined;
}

/** Everything that is said in one language. Sizes and times come in as words of that language. */
export interface Words {
  /** The heading of the drop zone. */
  drop(several: boolean): string;
  or: string;
  choose(several: boolean): string;
  /** Shown over the page's part that takes files, while files are held over it. */
  release: string;
  /** Names the drop zone, the list of files and the list of unfinished uploads. */
  zone: string;
  files: string;
  unfinished: string;
  /** What is left, before a file is chosen. */
  storage(left: string, limit: string): string;
  today(left: string): string;
  storageMeter: string;
  /** What fits of several files: "3 of 5 files fit; 12 MB are left." */
  fit(fits: number, of: number, left: string): string;
  /** Names the progress bar of a file. */
  uploadOf(name: string): string;
  waiting: string;
  checking: string;
  sent(sent: string, total: string): string;
  left(time: string): string;
  paused: string;
  finishing: string;
  done: string;
  offline: string;
  pause: string;
  resume: string;
  cancel: string;
  retry: string;
  remove: string;
  rename(name: string): string;
  /** What was begun is of another file. */
  replace: string;
  /** An unfinished upload: how much has arrived, and what to do. */
  arrived(received: string, total: string): string;
  chooseAgain: string;
  goOn: string;
  discard: string;
  /** After the first click on "Discard": the question, and the button that now does it. */
  discardAsk: string;
  discardNow: string;
  otherFile(name: string, expected: string, found: string): string;
  /** Read out: what has happened to a file. */
  said: { started(name: string): string; done(name: string): string; failed(name: string, why: string): string; cancelled(name: string): string };
  wrongType: string;
  empty: string;
  tooLarge(size: string, limit: string): string;
  tooMany(taken: number): string;
  noEndpoint: string;
  /** A sentence for a code of the API or of the client. Undefined: the client's own sentence is used. */
  problem(problem: ProblemNumbers): string | undefined;
}

const languages = new Map<string, Words>();

/** Make the uploader speak another language, or say something else in one. `language` is the first part of a tag: "fr". */
export function addWords(language: string, words: Words): void {
  languages.set(language.toLowerCase(), words);
}

function languageOf(tag: string): string {
  return tag.toLowerCase().split(/[-_]/, 1)[0] ?? "";
}

/** Return the words of the first tag whose language is spoken, and the tag for numbers; English if there is none. */
export function wordsFor(tags: readonly (string | null | undefined)[]): { words: Words; locale: string } {
  for (const tag of tags) {
    const words = tag ? languages.get(languageOf(tag)) : undefined;
    if (tag && words) return { words, locale: valid(tag) };
  }
  const english = languages.get("en");
  if (!english) throw new Error("The uploader has no words.");
  return { words: english, locale: "en" };
}

function valid(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll("_", "-"))[0] ?? languageOf(tag);
  } catch {
    return languageOf(tag);
  }
}
