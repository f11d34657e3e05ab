/** Where the bars of a chart are: numbers only, so that they can be tested without a page. */

export interface Bar {
  readonly key: string;
  /** Its segments from the bottom up, as shares of the chart's height. */
  readonly segments: readonly { readonly from: number; readonly height: number }[];
}

export interface Scale {
  /** The value of the upper edge; at least 1. */
  readonly top: number;
  /** Values to draw lines at, from 0 on, evenly spaced. */
  readonly lines: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10];
const LINES = 4;

/** A scale with about four round steps (1, 2, 2.5 or 5 times a power of ten) that ends at or above the largest value. */
export function scaleFor(largest: number): Scale {
  if (!(largest > 0)) return { top: 1, lines: [0] };
  const rough = largest / LINES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, Math.ceil(power * (STEPS.find((one) => one * power >= rough) ?? 10)));
  const count = Math.max(1, Math.ceil(largest / step));
  return { top: step * count, lines: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/** Stack the values of each day. Negative ones, which corrections can leave behind, are drawn as nothing. */
export function stacked(days: readonly { readonly key: string; readonly values: readonly number[] }[], top: number): Bar[] {
  return days.map(({ key, values }) => {
    let from = 0;
    const segments = values.map((value) => {
      const height = Math.max(0, value) / top;
      const segment = { from, height };
      from += height;
      return segment;
    });
    return { key, segments };
  });
}
