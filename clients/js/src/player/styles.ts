/** The player's own style sheet. Pages change it by parts, by the custom properties here, and by those of media-chrome. */
export const STYLES = `
:host {
  --media-primary-color: var(--reelgate-text, #fff);
  --media-text-color: var(--reelgate-text, #fff);
  --media-secondary-color: transparent;
  --media-control-background: transparent;
  --media-control-hover-background: rgb(255 255 255 / 0.16);
  --media-font-family: var(--reelgate-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  --media-font-weight: 500;
  --media-control-padding: 10px;
  --media-focus-box-shadow: inset 0 0 0 2px #fff, inset 0 0 0 4px #000;
  --media-range-bar-color: var(--reelgate-accent, #ff6a3d);
  --media-range-thumb-background: #fff;
  --media-range-track-background: rgb(255 255 255 / 0.28);
  --media-time-range-buffered-color: rgb(255 255 255 / 0.42);
  --media-range-track-height: 5px;
  --media-range-track-border-radius: 3px;
  --media-tooltip-background-color: var(--reelgate-glass, rgb(18 19 22 / 0.92));
  --media-menu-background: var(--reelgate-glass, rgb(18 19 22 / 0.92));
  --media-preview-background: var(--reelgate-glass, rgb(18 19 22 / 0.92));
  display: block;
  position: relative;
  overflow: hidden;
  border-radius: var(--reelgate-radius, 14px);
  background: #000;
  color: var(--reelgate-text, #fff);
  font: 16px/1.5 var(--reelgate-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
}
:host([hidden]), [hidden] { display: none !important; }
:host(:fullscreen) { border-radius: 0; }
media-controller { display: block; width: 100%; height: 100%; aspect-ratio: var(--_ratio, 16 / 9); border-radius: inherit; }
:host(:fullscreen) media-controller { aspect-ratio: auto; }
video::cue { background: rgb(0 0 0 / 0.78); color: #fff; font: 600 1em/1.35 system-ui, sans-serif; }
video::-webkit-media-text-track-container { transition: transform 0.2s; }
media-controller:not([userinactive]) video::-webkit-media-text-track-container,
media-controller[mediapaused] video::-webkit-media-text-track-container { transform: translateY(-84px); }

.title {
  width: 100%; box-sizing: border-box; padding: 14px 18px 44px; font-size: 15px; font-weight: 600; line-height: 1.5;
  overflow: hidden; white-space: nowrap; text-overflow: ellipsis; pointer-events: none !important;
  background: linear-gradient(rgb(0 0 0 / 0.72), transparent);
}
.title:empty { display: none; }

.bottom { width: 100%; padding-top: 40px; background: linear-gradient(transparent, rgb(0 0 0 / 0.82)); line-height: normal; }
media-control-bar { width: 100%; box-sizing: border-box; padding: 0 8px 6px; align-items: center; }
media-time-range { width: 100%; height: 22px; padding: 0 18px; }
media-volume-range { width: 84px; padding-left: 0; }
media-time-display { padding-left: 6px; font-variant-numeric: tabular-nums; }
.grow { flex: 1; }
.row > * { flex: none; }
.row > .grow { flex: 1; }
media-captions-menu, media-playback-rate-menu { z-index: 1; } /* over the bar */
media-preview-thumbnail { --media-preview-thumbnail-min-width: 120px; }

media-play-button.start {
  --media-control-background: var(--reelgate-accent, #ff6a3d);
  --media-control-hover-background: var(--reelgate-accent, #ff6a3d);
  --media-primary-color: var(--reelgate-accent-text, #17120f);
  --media-button-icon-height: 40px;
  width: 84px; height: 84px; border-radius: 50%; box-shadow: 0 8px 30px rgb(0 0 0 / 0.45);
}
media-play-button.start:focus-visible { box-shadow: 0 0 0 3px #fff, 0 0 0 6px #000; }
media-controller[mediahasplayed] .start, media-controller:not([data-ready]) .start { display: none; }
media-controller:not([data-ready]) .bottom { visibility: hidden; }
media-loading-indicator { position: absolute; }
.spinner {
  display: block; width: 52px; height: 52px; border-radius: 50%; box-sizing: border-box;
  border: 4px solid rgb(255 255 255 / 0.25); border-top-color: #fff; animation: turn 0.9s linear infinite;
}
@keyframes turn { to { rotate: 1turn; } }

media-captions-menu-button:not([mediasubtitleslist]), media-airplay-button[mediaairplayunavailable],
media-pip-button[mediapipunavailable], media-fullscreen-button[mediafullscreenunavailable],
media-volume-range[mediavolumeunavailable] { display: none; }
media-controller:not([breakpointmd]) media-volume-range { display: none; }
media-controller:not([breakpointsm]) media-pip-button, media-controller:not([breakpointsm]) media-playback-rate-menu-button { display: none; }

.message {
  position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 8px; padding: 24px;
  text-align: center; background: rgb(14 15 18 / 0.94); overflow: auto;
}
.message:focus { outline: none; }
.message h2 { margin: 0; font-size: clamp(17px, 3vw, 22px); line-height: 1.3; color: #fff; }
.message p { margin: 0; max-width: 46ch; color: #d6d7db; }
.message button {
  margin-top: 8px; min-height: 44px; padding: 0 22px; border: 0; border-radius: 22px; cursor: pointer; font: inherit; font-weight: 600;
  background: var(--reelgate-accent, #ff6a3d); color: var(--reelgate-accent-text, #17120f);
}
.message button:focus-visible { outline: 3px solid #fff; outline-offset: 2px; }

@media (prefers-reduced-motion: reduce) {
  :host { --media-control-transition-in: none; --media-control-transition-out: none; --media-preview-transition-property: none; }
  video::-webkit-media-text-track-container { transition: none; }
  .spinner { animation-duration: 4s; }
}
`;
