/**
 * `<reelgate-player>`: import this module, and the element is defined. Needs `hls.js` and `media-chrome`; `reelgate-player.js` is
 * one script file with both in it.
 *
 * @module
 */
import { ReelgatePlayer } from "./element.js";

export { ReelgatePlayer };
export type { ReadyDetail, RefusedDetail, ReelgatePlayerEventMap } from "./events.js";

if (globalThis.customElements && !customElements.get("reelgate-player")) customElements.define("reelgate-player", ReelgatePlayer);

declare global {
  interface HTMLElementTagNameMap {
    "reelgate-player": ReelgatePlayer;
  }
}
