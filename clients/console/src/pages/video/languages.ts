const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/** Languages that are offered; any other can be typed as its BCP 47 tag. */
export const COMMON_LANGUAGES = ["ar", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sv", "th", "tr", "uk", "ur", "vi", "zh-Hans", "zh-Hant"] as const;

/** A language's name: "Portuguese" for `pt`. What is no tag is returned as it is. */
export function languageName(tag: string): string {
  try {
    return NAMES.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The language that a file's name ends in: `holiday.pt-BR.vtt`. */
export function languageInFilename(filename: string): string | null {
  const found = /[._-]([a-z]{2,3}(?:-[a-z0-9]{2,8})*)\.vtt$/i.exec(filename)?.[1];
  return found && languageName(found) !== found ? found : null;
}
