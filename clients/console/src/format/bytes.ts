const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;

/** A size for people: `18.5 MB`. One MB is 1,000,000 bytes, as in the API's own sentences. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return value === 1 ? "1 byte" : `${Math.round(value)} bytes`;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${Number(value.toFixed(digits))} ${UNITS[unit]}`;
}

/** A count: `12,340`. */
export function formatCount(count: number): string {
  return new Intl.NumberFormat("en").format(count);
}

/** A part of a whole: `45 %`. What is not complete is never shown as 100 %. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0) return part > 0 ? "100 %" : "0 %";
  const percent = (part / whole) * 100;
  return `${percent >= 100 ? Math.round(percent) : Math.min(99, Math.round(percent))} %`;
}
