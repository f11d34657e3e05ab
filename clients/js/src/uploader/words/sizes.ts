/** Bytes, speeds and times in the user's language. 1 MB is 1,000,000 bytes, as in the API's sentences. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

function scaled(bytes: number): { value: number; unit: (typeof UNITS)[number] } {
  let [value, at] = [Math.max(bytes, 0), 0];
  while (value >= 999.5 && at < UNITS.length - 1) {
    value /= 1000;
    at += 1;
  }
  return { value, unit: UNITS[at] ?? "byte" };
}

function digits(value: number): number {
  return value < 10 && !Number.isInteger(value) ? 1 : 0;
}

/** Return "12 MB", "1.5 GB". */
export function inBytes(bytes: number, locale: string): string {
  const { value, unit } = scaled(bytes);
  const form = { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short" } as const;
  return new Intl.NumberFormat(locale, { ...form, maximumFractionDigits: unit === "byte" ? 0 : digits(value) }).format(value);
}

/** Return "3.1 MB/s". */
export function inBytesPerSecond(rate: number, locale: string): string {
  const { value, unit } = scaled(Math.max(rate, 1));
  const form = { style: "unit", unit: `${unit}-per-second`, unitDisplay: "short", maximumFractionDigits: digits(value) } as const;
  return new Intl.NumberFormat(locale, form).format(value);
}

/** Return "12 seconds", "3 minutes", "2 hours": one unit, rounded up, for nobody waits by the second for hours. */
export function inTime(seconds: number, locale: string): string {
  const steps = [
    ["second", 1, 90],
    ["minute", 60, 5400],
    ["hour", 3600, 172_800],
    ["day", 86_400, Infinity],
  ] as const;
  const [unit, length] = steps.find(([, , below]) => seconds < below) ?? steps[3];
  const value = Math.max(Math.ceil(seconds / length), 1);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** Return "41%": whole, and 100 only when everything is there. */
export function inPercent(sent: number, total: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "percent" }).format(percentOf(sent, total) / 100);
}

/** Return 0 to 100, rounded down. */
export function percentOf(sent: number, total: number): number {
  return total > 0 ? Math.min(Math.floor((sent / total) * 100), 100) : 0;
}
