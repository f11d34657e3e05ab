/** `<reelgate-uploader>`. Importing this module defines the element. */
import { ReelgateUploaderElement } from "./element.js";
import { german } from "./words/de.js";
import { english } from "./words/en.js";
import { addWords } from "./words/words.js";

export { ReelgateUploaderElement, type Token } from "./element.js";
export type { UploaderEventMap, UploaderItem } from "./events.js";
export type { Endpoint } from "./transfers/endpoint.js";
export type { Transfer, TransferState } from "./transfers/transfer.js";
export type { ProgressType } from "./view/progress.js";
export { addWords, type Words, type ProblemNumbers } from "./words/words.js";

addWords("en", english);
addWords("de", german);

if (globalThis.customElements && !customElements.get("reelgate-uploader")) {
  customElements.define("reelgate-uploader", ReelgateUploaderElement);
}

declare global {
  interface HTMLElementTagNameMap {
    "reelgate-uploader": ReelgateUploaderElement;
  }
}
