import { inPercent, percentOf } from "../words/sizes.js";
import { make, say, set } from "./dom.js";

/** How progress is drawn; the values of the attribute `type`. */
export type ProgressType = "bar" | "radial" | "percentage";

const SVG = "http://www.w3.org/2000/svg";
/** Of a ring of radius 16: what has to be drawn for all of it. */
const AROUND = 2 * Math.PI * 16;

/** Progress of one file, as a bar, a ring, or a number alone. */
export class ProgressView {
  readonly element: HTMLElement;
  readonly #fill: HTMLElement;
  readonly #ring: SVGCircleElement;
  readonly #percent: HTMLElement;

  constructor() {
    this.#fill = make("div", { class: "fill", part: "progress-fill" });
    this.#ring = document.createElementNS(SVG, "circle");
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of [["viewBox", "0 0 40 40"], ["class", "ring"], ["aria-hidden", "true"]] as const) svg.setAttribute(name, value);
    for (const circle of [document.createElementNS(SVG, "circle"), this.#ring]) {
      for (const [name, value] of [["cx", "20"], ["cy", "20"], ["r", "16"]] as const) circle.setAttribute(name, value);
      svg.append(circle);
    }
    this.#ring.setAttribute("class", "done");
    this.#percent = make("span", { class: "percent", part: "progress progress-percentage", "aria-hidden": "true" });
    const bar = make("div", { class: "bar", part: "progress progress-bar" }, this.#fill);
    this.element = make("div", { class: "progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, bar, svg, this.#percent);
  }

  update(sent: number, total: number, { type, name, locale }: { type: ProgressType; name: string; locale: string }): void {
    const percent = percentOf(sent, total);
    set(this.element, "data-type", type);
    set(this.element, "aria-label", name);
    set(this.element, "aria-valuenow", String(percent));
    this.#fill.style.transform = `scaleX(${percent / 100})`;
    this.#ring.style.strokeDasharray = `${(AROUND * percent) / 100} ${AROUND}`;
    say(this.#percent, inPercent(sent, total, locale));
  }
}
