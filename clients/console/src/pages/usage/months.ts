/** Calendar months as `2026-11`, in the deployment's time zone: arithmetic on text, no clock and no time zone of the browser. */

export interface Month {
  /** `2026-11`. */
  readonly key: string;
  /** Its first day, `2026-11-01`. */
  readonly first: string;
  /** Its last day, or today if that comes earlier: the API knows no days to come. */
  readonly last: string;
}

/** The month that a day (`2026-11-03`) is in, ending today at the latest. */
export function monthOf(day: string, today: string): Month {
  const key = day.slice(0, 7);
  const end = `${key}-${String(daysIn(key)).padStart(2, "0")}`;
  return { key, first: `${key}-01`, last: end < today ? end : today };
}

/** The month before or after another one. */
export function shifted(month: Month, by: -1 | 1, today: string): Month {
  const [year, number] = parts(month.key);
  const index = year * 12 + number - 1 + by;
  const key = `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
  return monthOf(`${key}-01`, today);
}

/** The last `count` months up to today's, newest first. */
export function recentMonths(today: string, count: number): Month[] {
  const months = [monthOf(today, today)];
  while (months.length < count) months.push(shifted(months[months.length - 1] as Month, -1, today));
  return months;
}

/** Every day of a month as `2026-11-03`, those to come included: a chart of a month always has the same width. */
export function daysOf(month: Month): string[] {
  return Array.from({ length: daysIn(month.key) }, (_, index) => `${month.key}-${String(index + 1).padStart(2, "0")}`);
}

/** `November 2026`. */
export function monthName(key: string): string {
  return new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${key}-01T00:00:00Z`));
}

/** `Tue, 3 Nov`. */
export function dayName(day: string): string {
  const form = { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat("en-GB", form).format(new Date(`${day}T00:00:00Z`));
}

function daysIn(key: string): number {
  const [year, number] = parts(key);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

function parts(key: string): [number, number] {
  return [Number(key.slice(0, 4)), Number(key.slice(5, 7))];
}
