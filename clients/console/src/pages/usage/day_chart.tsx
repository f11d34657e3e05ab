import { useEffect, useId, useRef, useState } from "preact/hooks";
import { formatBytes } from "../../format/bytes.ts";
import { Button } from "../../ui/index.ts";
import { scaleFor, stacked } from "./bars.ts";
import { dayName } from "./months.ts";

/** One kind of bytes in the chart. `tone` names its colour. */
export interface Series {
  readonly name: string;
  readonly tone: 1 | 2;
}

/** A day and its bytes in the order of the series; null: nothing is known of that day, or it has not come yet. */
export interface ChartDay {
  readonly day: string;
  readonly values: readonly (number | null)[];
}

interface Props {
  readonly title: string;
  readonly series: readonly Series[];
  readonly days: readonly ChartDay[];
}

const HEIGHT = 190;
const LEFT = 62;
const TOP = 8;
const BOTTOM = 22;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

/**
 * Stacked bars by day. The picture is for the eye alone: the same numbers are a table, which screen readers find and everybody can
 * open. Pointing at a day, or touching it, says its numbers.
 */
export function DayChart({ title, series, days }: Props) {
  const [open, setOpen] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  const [width, frame] = useWidth(640);
  const titleId = useId();
  const sums = days.map(({ values }) => values.reduce<number>((sum, value) => sum + Math.max(0, value ?? 0), 0));
  const scale = scaleFor(Math.max(0, ...sums));
  const bars = stacked(days.map(({ day, values }) => ({ key: day, values: values.map((value) => value ?? 0) })), scale.top);
  const step = (width - LEFT) / Math.max(1, days.length);
  const shown = pointed === null ? null : (days[pointed] ?? null);

  return (
    <figure class="day-chart" aria-labelledby={titleId}>
      <figcaption>
        <span id={titleId} class="day-chart-title">{title}</span>
        {series.length > 1 && series.map(({ name, tone }) => (
          <span key={name} class="day-chart-key"><span class={`swatch tone-${tone}`} aria-hidden="true" />{name}</span>
        ))}
      </figcaption>
      <svg ref={frame} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" onPointerLeave={() => setPointed(null)}>
        {scale.lines.map((value) => {
          const y = TOP + PLOT_HEIGHT * (1 - value / scale.top);
          return (
            <g key={value}>
              <line class="grid" x1={LEFT} x2={width} y1={y} y2={y} />
              <text class="tick" x={LEFT - 8} y={y + 4} text-anchor="end">{value === 0 ? "0" : formatBytes(value)}</text>
            </g>
          );
        })}
        {bars.map(({ key, segments }, index) => (
          <g key={key} class={pointed === index ? "bar pointed" : "bar"}>
            {segments.map(({ from, height }, layer) => height > 0 && (
              <rect
                key={layer}
                class={`tone-${series[layer]?.tone ?? 1}`}
                x={LEFT + index * step + step * 0.14}
                width={step * 0.72}
                y={TOP + PLOT_HEIGHT * (1 - from - height)}
                height={Math.max(1, height * PLOT_HEIGHT)}
              />
            ))}
            {(index === 0 || (index + 1) % 5 === 0) && (
              <text class="tick" x={LEFT + (index + 0.5) * step} y={HEIGHT - 6} text-anchor="middle">{Number(key.slice(8))}</text>
            )}
            <rect
              class="target" x={LEFT + index * step} width={step} y={0} height={HEIGHT - BOTTOM}
              onPointerEnter={() => setPointed(index)} onPointerDown={() => setPointed(index)}
            />
          </g>
        ))}
      </svg>
      <div class="day-chart-foot">
        <p class="day-chart-pointed" aria-hidden="true">
          {shown ? sentence(shown, series) : " "}
        </p>
        <Button small kind="quiet" pressed={open} onClick={() => setOpen(!open)}>
          Show the numbers
        </Button>
      </div>
      <div class={open ? "day-chart-table" : "visually-hidden"} {...(open ? { tabIndex: 0, role: "region", "aria-label": `${title}: numbers` } : {})}>
        <table>
          <caption class="visually-hidden">{title}</caption>
          <thead>
            <tr><th scope="col">Day</th>{series.map(({ name }) => <th key={name} scope="col" class="number">{name}</th>)}</tr>
          </thead>
          <tbody>
            {days.filter(({ values }) => values.some((value) => value !== null)).map(({ day, values }) => (
              <tr key={day}>
                <th scope="row">{dayName(day)}</th>
                {values.map((value, index) => <td key={index} class="number">{value === null ? "not known" : formatBytes(value)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function sentence({ day, values }: ChartDay, series: readonly Series[]): string {
  const parts = series.map(({ name }, index) => {
    const value = values[index] ?? null;
    return `${value === null ? "not known" : formatBytes(value)} ${name.toLowerCase()}`;
  });
  return `${dayName(day)}: ${parts.join(", ")}`;
}

/** The width at which an element is shown, so that a picture is drawn to it and its text stays as large on a phone. */
function useWidth(initial: number) {
  const element = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    if (!element.current) return;
    const watcher = new ResizeObserver(([entry]) => entry && entry.contentRect.width > LEFT && setWidth(Math.round(entry.contentRect.width)));
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  return [width, element] as const;
}
