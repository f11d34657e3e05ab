/** Elements made without markup, so that no policy of a page (CSP, Trusted Types) is in the way. */

type Attributes = Record<string, string | boolean | null>;

/** Return an element with attributes and children. `true` is an attribute without a value; `false` and null leave it out. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children);
  return element;
}

/** Set an attribute, or remove it. Does nothing if it is so already. */
export function set(element: Element, name: string, value: string | boolean | null): void {
  if (value === false || value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== (value === true ? "" : value)) element.setAttribute(name, value === true ? "" : value);
}

/** Set a text. Does nothing if it is so already, for screen readers read what changes. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Return a button that is part of the component, with what it does. */
export function button(part: string, act: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", part });
  made.addEventListener("click", act);
  return made;
}

/** Set a button's text, and the name by which screen readers tell it from others of that text. */
export function label(made: HTMLButtonElement, text: string, name: string): void {
  say(made, text);
  set(made, "aria-label", `${text}: ${name}`);
}
