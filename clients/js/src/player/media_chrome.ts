/** The elements of media-chrome that the player is made of, ready for pages with a strict policy. */
import "media-chrome/lang/de.js";
import "media-chrome/media-controller.js";
import "media-chrome/media-airplay-button.js";
import "media-chrome/media-control-bar.js";
import "media-chrome/media-fullscreen-button.js";
import "media-chrome/media-loading-indicator.js";
import "media-chrome/media-mute-button.js";
import "media-chrome/media-pip-button.js";
import "media-chrome/media-play-button.js";
import "media-chrome/media-poster-image.js";
import "media-chrome/media-preview-chapter-display.js";
import "media-chrome/media-preview-time-display.js";
import "media-chrome/media-time-display.js";
import "media-chrome/media-time-range.js";
import "media-chrome/media-volume-range.js";
import "media-chrome/menu/media-captions-menu.js";
import "media-chrome/menu/media-captions-menu-button.js";
import "media-chrome/menu/media-chrome-menu-item.js";
import "media-chrome/menu/media-playback-rate-menu.js";
import "media-chrome/menu/media-playback-rate-menu-button.js";
import { adoptStyles } from "./adopted_styles.js";

const ELEMENTS = [
  "media-controller",
  "media-airplay-button",
  "media-captions-menu",
  "media-captions-menu-button",
  "media-chrome-menu",
  "media-chrome-menu-button",
  "media-chrome-menu-item",
  "media-chrome-button",
  "media-chrome-range",
  "media-control-bar",
  "media-fullscreen-button",
  "media-gesture-receiver",
  "media-loading-indicator",
  "media-mute-button",
  "media-pip-button",
  "media-play-button",
  "media-playback-rate-menu",
  "media-playback-rate-menu-button",
  "media-poster-image",
  "media-preview-chapter-display",
  "media-preview-thumbnail",
  "media-preview-time-display",
  "media-text-display",
  "media-time-display",
  "media-time-range",
  "media-tooltip",
  "media-volume-range",
] as const;

/** Make them ready. They are defined when this module is loaded, before the first player is made. */
export function prepareMediaChrome(): void {
  adoptStyles(ELEMENTS);
}
