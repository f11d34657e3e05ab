/**
 * Thin React components around the elements. They define no element: import `@reelgate/client/player` or
 * `@reelgate/client/uploader` for that, so that what you do not use is not loaded.
 *
 * @module
 */
export { ReelgatePlayer, type ReelgatePlayerProps } from "./player.js";
export { ReelgateUploader, type ReelgateUploaderProps } from "./uploader.js";
