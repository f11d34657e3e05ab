import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { formatPercent } from "../format/bytes.ts";

export interface MeterProps {
  label: ComponentChildren;
  value: number;
  max: number;
  /** The numbers in words: "3.2 GB of 5 GB". */
  text: string;
  /** A part that is not used, but set aside, behind `value`. */
  reserved?: number;
}

const NEARLY = 0.8;

/** How much of something is used. From 80 % on it is shown as nearly full, in words as well as by colour. */
export function Meter({ label, value, max, text, reserved = 0 }: MeterProps): JSX.Element {
  const id = useId();
  const share = (amount: number) => (max > 0 ? Math.min(1, amount / max) : amount > 0 ? 1 : 0);
  const used = share(value + reserved);
  const level = used >= 1 ? "full" : used >= NEARLY ? "nearly" : "fine";
  return (
    <div class={`meter ${level}`}>
      <div class="meter-line">
        <span id={id}>{label}</span>
        <span class="meter-text">{text}</span>
      </div>
      <div
        class="meter-bar"
        role="meter"
        aria-labelledby={id}
        aria-valuemin={0}
        aria-valuemax={Math.max(1, max)}
        aria-valuenow={Math.min(value + reserved, Math.max(1, max))}
        aria-valuetext={`${text}, ${formatPercent(value + reserved, max)} used`}
      >
        <span class="meter-reserved" style={{ width: `${used * 100}%` }} />
        <span class="meter-used" style={{ width: `${share(value) * 100}%` }} />
      </div>
      {level !== "fine" && <p class="meter-note">{level === "full" ? "Used up" : `${formatPercent(value + reserved, max)} used`}</p>}
    </div>
  );
}

/** How far something is that is under way; without `value` nobody knows. */
export function Progress({ label, value, max = 100 }: { label: string; value: number | null; max?: number }): JSX.Element {
  return (
    <div class="progress">
      <span class="progress-label">{label}</span>
      {value === null ? <progress aria-label={label} /> : <progress aria-label={label} value={value} max={max} />}
    </div>
  );
}
