/** How the uploader looks. Pages change it by these properties, and by parts (`reelgate-uploader::part(row)`). */
const CSS = `
:host {
  --_text: var(--reelgate-text, #1b1f24);
  --_muted: var(--reelgate-muted, #57606a);
  --_surface: var(--reelgate-surface, #ffffff);
  --_border: var(--reelgate-border, #868e96);
  --_accent: var(--reelgate-accent, #0b57d0);
  --_on-accent: var(--reelgate-on-accent, #ffffff);
  --_danger: var(--reelgate-danger, #b3261e);
  --_done: var(--reelgate-done, #1a7f37);
  --_track: var(--progress-bar-background-color, var(--reelgate-track, #dde2e8));
  --_radius: var(--reelgate-radius, 10px);
  display: flex; flex-direction: column; gap: 1rem; container-type: inline-size;
  color: var(--_text); font: inherit; line-height: 1.4; text-align: start;
}
@supports (color: light-dark(red, red)) {
  :host {
    --_text: var(--reelgate-text, light-dark(#1b1f24, #e6edf3));
    --_muted: var(--reelgate-muted, light-dark(#57606a, #a3adb8));
    --_surface: var(--reelgate-surface, light-dark(#ffffff, #161b22));
    --_border: var(--reelgate-border, light-dark(#868e96, #6e7681));
    --_accent: var(--reelgate-accent, light-dark(#0b57d0, #8ab4f8));
    --_on-accent: var(--reelgate-on-accent, light-dark(#ffffff, #0a1526));
    --_danger: var(--reelgate-danger, light-dark(#b3261e, #ff9b93));
    --_done: var(--reelgate-done, light-dark(#1a7f37, #6fd389));
    --_track: var(--progress-bar-background-color, var(--reelgate-track, light-dark(#dde2e8, #30363d)));
  }
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.drop {
  position: relative; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: .75rem;
  padding: 2rem 1rem; border: 2px dashed var(--_border); border-radius: var(--_radius); background: var(--_surface); text-align: center;
}
.drop.plain { border: 0; padding: 0; background: none; }
.drop.plain .heading, .drop.plain .separator { display: none; }
.drop[data-active] { border-color: var(--_accent); border-style: solid; }
.heading { font-size: 1.35em; font-weight: 600; }
.separator, .details, .quota { color: var(--_muted); }
.separator, .quota, .details, .problem, .verdict { font-size: .925em; }
.quota { display: flex; flex-direction: column; align-items: center; gap: .4rem; width: 100%; }
.quota p, .verdict { margin: 0; }
.meter { width: min(100%, 20rem); height: 6px; border-radius: 3px; background: var(--_track); overflow: hidden; }
.meter > div { height: 100%; background: var(--_accent); transform-origin: 0 50%; }
.overlay {
  position: absolute; inset: 0; display: none; align-items: center; justify-content: center; border-radius: inherit; pointer-events: none;
  background: var(--overlay-background-color, var(--_surface)); color: var(--_accent); font-size: 1.35em; font-weight: 600;
}
.drop[data-active] .overlay { display: flex; }
button {
  appearance: none; font: inherit; font-size: .925em; color: var(--_accent); background: transparent; cursor: pointer;
  border: 1px solid var(--_border); border-radius: calc(var(--_radius) * .6); padding: .3rem .7rem; min-height: 2rem;
}
button:hover { border-color: var(--_accent); }
button:focus-visible, ::slotted(button:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; }
.select { font-size: 1em; padding: .65rem 1.25rem; min-height: 2.75rem; border-color: var(--_accent); background: var(--_accent); color: var(--_on-accent); }
ul { list-style: none; margin: 0; padding: 0; display: flex; flex-direction: column; gap: .5rem; }
h2 { margin: 0 0 .5rem; font-size: 1em; font-weight: 600; }
.row {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .4rem .75rem; align-items: center;
  padding: .75rem 1rem; border: 1px solid var(--_track); border-radius: var(--_radius); background: var(--_surface);
}
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; gap: .4rem; justify-content: end; }
.progress, .words { grid-column: 1 / -1; }
.words { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-variant-numeric: tabular-nums; min-height: 1.3em; }
.problem, .verdict { color: var(--_danger); }
.problem:empty, .verdict:empty { display: none; }
.row[data-state=ready] .details { color: var(--_done); }
.progress { display: flex; align-items: center; gap: .75rem; }
.bar { flex: 1; height: var(--progress-bar-height, 6px); border-radius: var(--progress-bar-border-radius, 100px); background: var(--_track); overflow: hidden; box-shadow: var(--progress-bar-box-shadow, none); }
.fill { height: 100%; background: var(--progress-bar-fill-color, var(--_accent)); transform: scaleX(0); transform-origin: 0 50%; transition: transform .25s; }
:dir(rtl) .fill, :dir(rtl) .meter > div { transform-origin: 100% 50%; }
.row[data-state=failed] .fill { background: var(--_danger); }
.percent { display: var(--progress-percentage-display, inline); min-width: 3.2em; text-align: end; font-size: .925em; font-variant-numeric: tabular-nums; }
.ring { display: none; width: 40px; height: 40px; transform: rotate(-90deg); fill: none; stroke-width: 5; }
.ring circle { stroke: var(--_track); }
.ring .done { stroke: var(--progress-radial-fill-color, var(--_accent)); stroke-dasharray: 0 200; transition: stroke-dasharray .25s; }
.progress[data-type=radial] .ring { display: block; }
.progress[data-type=radial] .bar, .progress[data-type=percentage] .bar { display: none; }
.status { margin: 0; color: var(--_muted); }
.status:empty { display: none; }
.live { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 26rem) {
  .row { grid-template-columns: minmax(0, 1fr); }
  .actions { justify-content: start; grid-row: 4; }
  .actions button { min-height: 2.75rem; flex: 1; }
  .drop { padding: 1.5rem .75rem; }
}
@media (prefers-reduced-motion: reduce) { .fill, .ring .done { transition: none; } }
@media (forced-colors: active) {
  .fill, .meter > div { background: Highlight; forced-color-adjust: none; }
  .ring .done { stroke: Highlight; }
}
`;

let sheet: CSSStyleSheet | null = null;

/** Return the style sheet, made once for all uploaders of a page. Constructed, so that `style-src 'self'` is enough. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
