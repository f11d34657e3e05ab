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
export function button(part: string, act: (event: MouseEvent) => void): HTMLButtonElement {
  const made = make("button", { type: "button", part });
  made.addEventListener("click", act);
  return made;
}

/** Set a button's text, and the name by which screen readers tell it from others of that text. */
export function label(made: HTMLButtonElement, text: string, name: string): void {
  say(made, text);
  set(made, "aria-label", `${text}: ${name}`);
}

/**
 * A button for what cannot be undone: the first click asks, the second does it. Leaving it, or Escape, takes the question back; a double
 * click or a key that is held is one click.
 */
export class TwoStepButton {
  readonly element: HTMLButtonElement;
  #asks = false;
  readonly #changed: (asks: boolean) => void;

  /** `changed` is told when it asks, and when it does no longer. */
  constructor(part: string, act: () => void, changed: (asks: boolean) => void) {
    this.#changed = changed;
    this.element = button(part, (event) => {
      if (!this.#asks) {
        this.element.focus(); // not every browser does that on a click, and without it leaving is not noticed
        this.#ask(true);
      } else if (event.detail <= 1) {
        this.#ask(false);
        act();
      }
    });
    this.element.addEventListener("blur", () => this.#ask(false));
    this.element.addEventListener("keydown", (event) => {
      if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
      if (event.key !== "Escape" || !this.#asks) return;
      event.stopPropagation(); // it closes the question, and not a dialog around it
      event.preventDefault();
      this.#ask(false);
    });
  }

  /** Whether the next click does it. */
  get asks(): boolean {
    return this.#asks;
  }

  #ask(asks: boolean): void {
    if (asks === this.#asks) return;
    this.#asks = asks;
    this.element.toggleAttribute("data-asks", asks);
    this.#changed(asks);
  }
}
