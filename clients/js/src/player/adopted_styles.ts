/**
 * Style sheets of media-chrome for pages whose policy forbids <style> elements (`style-src 'self'`).
 *
 * media-chrome writes <style> elements into its shadow roots, which such a policy blocks, and changes rules in them later. Here
 * the shadow roots of its elements, and no others, turn each <style> of their markup into a constructable sheet of the same text
 * and place, which policies allow: what they say is no markup. Elements that were made before keep their <style>.
 */

const STYLE = /<style([^>]*)>([\s\S]*?)<\/style>/g;
const NESTED_ROOT = /<template shadowrootmode[\s\S]*?<\/template>/g; // of elements that make the same root by themselves
const FIXED_SHEETS = "style:not([media])"; // how media-chrome looks for the sheets that it changes
const done = new WeakSet<CustomElementConstructor>();

/** Let these elements, by their names, adopt their style sheets. */
export function adoptStyles(names: readonly string[]): void {
  for (const name of names) {
    const element = customElements.get(name);
    if (!element || done.has(element)) continue;
    done.add(element);
    Object.defineProperty(element.prototype, "attachShadow", { configurable: true, value: attach });
  }
}

function attach(this: Element, init: ShadowRootInit): ShadowRoot {
  const root = Element.prototype.attachShadow.call(this, init);
  const markup = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "innerHTML");
  const write = (html: string): void => markup?.set?.call(root, withoutStyles(root, html));
  Object.defineProperties(root, {
    innerHTML: { configurable: true, get: () => markup?.get?.call(root) as string, set: write },
    setHTMLUnsafe: { configurable: true, value: write },
    querySelectorAll: {
      configurable: true,
      value: (selector: string) =>
        selector === FIXED_SHEETS
          ? root.adoptedStyleSheets.filter((sheet) => !sheet.media.length).map((sheet) => ({ sheet }))
          : ShadowRoot.prototype.querySelectorAll.call(root, selector),
    },
  });
  return root;
}

/** Return markup without its styles, which the root has adopted. Each element has sheets of its own, as it changes their rules. */
function withoutStyles(root: ShadowRoot, html: string): string {
  const sheets: CSSStyleSheet[] = [];
  const left = html.replace(NESTED_ROOT, "").replace(STYLE, (_, attributes: string, text: string) => {
    const media = /media="([^"]*)"/.exec(attributes)?.[1];
    const sheet = new CSSStyleSheet(media === undefined ? {} : { media });
    sheet.replaceSync(text);
    sheets.push(sheet);
    if (media === undefined) return "";
    queueMicrotask(() => follow(root, attributes, sheet));
    return `<template${attributes}></template>`; // stands in for a <style> that is switched by its `media`
  });
  root.adoptedStyleSheets = sheets;
  return left;
}

function follow(root: ShadowRoot, attributes: string, sheet: CSSStyleSheet): void {
  const id = /id="([^"]*)"/.exec(attributes)?.[1];
  const standIn = id ? root.getElementById(id) : null;
  if (!standIn) return;
  const apply = (): void => void (sheet.media.mediaText = standIn.getAttribute("media") ?? "");
  new MutationObserver(apply).observe(standIn, { attributeFilter: ["media"] });
  apply();
}
