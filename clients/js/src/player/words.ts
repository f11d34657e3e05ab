import messages from "@reelgate/watch/messages.json";

/** The languages of the player's own words. */
export type Language = "en" | "de";

/** What viewers read when a video does not play. */
export interface Message {
  title: string;
  text: string;
}

const AGAIN: Record<Language, string> = { en: "Try again", de: "Noch einmal versuchen" };
const PLAY: Record<Language, string> = { en: "Play video", de: "Video abspielen" };
const CONTROLS: Record<Language, string> = { en: "Video player", de: "Videoplayer" };
const UNKNOWN: Message = { title: "", text: "" };

/** Return the language for an element: its own, that of what it is in, or the viewer's. */
export function languageOf(element: Element): Language {
  for (let at: Node | null = element; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    const lang = at instanceof Element ? at.getAttribute("lang") : null;
    if (lang) return resolve(lang);
  }
  return resolve(navigator.language);
}

/** Return the sentences for a refusal, by its code: those of the watch page. */
export function messageOf(code: string, language: Language): Message {
  return messages[language][code] ?? messages[language]["unknown"] ?? UNKNOWN;
}

/** Return the player's own labels. */
export function labels(language: Language): { again: string; play: string; controls: string } {
  return { again: AGAIN[language], play: PLAY[language], controls: CONTROLS[language] };
}

function resolve(lang: string): Language {
  return /^de\b/i.test(lang) ? "de" : "en";
}
