import { createStore, useStore } from "./store.ts";

/** Where the user is: `#/videos/abc?search=sea` has the path `/videos/abc` and one query parameter. */
export interface Location {
  readonly path: string;
  readonly query: URLSearchParams;
}

function read(): Location {
  const [path = "", query = ""] = location.hash.replace(/^#/, "").split("?", 2);
  return { path: path.startsWith("/") ? path : "/", query: new URLSearchParams(query) };
}

const here = createStore<Location>(read());
addEventListener("hashchange", () => here.set(read()));

/** The address of a page, for `href`. Parameters without a value are left out. */
export function hrefTo(path: string, query: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `#${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** Goes to a page. With `replace`, "back" does not return to this one. */
export function navigate(path: string, query: Record<string, string | null | undefined> = {}, { replace = false } = {}): void {
  const address = hrefTo(path, query);
  if (address === location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  here.set(read());
}

/** Where the user is; the component is drawn again when that changes. */
export function useLocation(): Location {
  return useStore(here);
}

/** The parameters of a path like `/videos/:id`, or null if the path is another one. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  if (wanted.length !== parts.length) return null;
  const found: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    const part = parts[index] ?? "";
    if (!name.startsWith(":")) {
      if (name !== part) return null;
    } else {
      if (part === "") return null;
      try {
        found[name.slice(1)] = decodeURIComponent(part);
      } catch {
        return null; // a mistyped address
      }
    }
  }
  return found;
}
