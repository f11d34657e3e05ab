import { createStore } from "./store.ts";

/** Light or dark; `system` follows the device. */
export type Theme = "system" | "light" | "dark";

const KEY = "reelgate:theme"; // a preference, no secret: it may outlive the tab

function stored(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system"; // storage is blocked
  }
}

export const theme = createStore<Theme>(stored());

function apply(chosen: Theme): void {
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

/** Changes the theme, and remembers it in this browser. */
export function chooseTheme(chosen: Theme): void {
  theme.set(chosen);
  apply(chosen);
  try {
    if (chosen === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // it lasts as long as the page
  }
}

apply(theme.value);
