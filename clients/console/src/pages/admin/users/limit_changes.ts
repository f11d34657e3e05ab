import { parsedSize } from "./size_input.ts";

interface Limit {
  /** Set for this user; otherwise the deployment's. */
  readonly own: boolean;
  readonly text: string;
}

/** The form for a user's limits. */
export interface LimitsForm {
  readonly storage: Limit;
  readonly bandwidth: Limit;
  readonly alerts: Limit;
}

/** The limits as they are. */
export interface Limits {
  readonly storage: number;
  readonly bandwidth: number;
  readonly alert_percents: readonly number[];
  readonly own: readonly string[];
}

/** What `PATCH /v1/admin/users/{user_id}` takes: null brings the deployment's own limit back. */
export interface LimitChanges {
  storage?: number | null;
  bandwidth?: number | null;
  alert_percents?: number[] | null;
}

/** What a form changes, without what stays as it is, and a sentence for each field that cannot be read. */
export function limitChanges(form: LimitsForm, limits: Limits): { changes: LimitChanges; errors: Partial<Record<keyof LimitsForm, string>> } {
  const changes: LimitChanges = {};
  const errors: Partial<Record<keyof LimitsForm, string>> = {};
  for (const name of ["storage", "bandwidth"] as const) {
    const was = limits.own.includes(name);
    if (!form[name].own) {
      if (was) changes[name] = null;
      continue;
    }
    const bytes = parsedSize(form[name].text);
    if (bytes === null) errors[name] = "Enter a size, such as 50 GB or 1.5 TB.";
    else if (!was || bytes !== limits[name]) changes[name] = bytes;
  }
  const was = limits.own.includes("alert_percents");
  if (!form.alerts.own) {
    if (was) changes.alert_percents = null;
    return { changes, errors };
  }
  const percents = parsedPercents(form.alerts.text);
  if (percents === null) errors.alerts = "Enter one to ten whole numbers from 1 to 100, with commas between.";
  else if (!was || percents.join() !== limits.alert_percents.join()) changes.alert_percents = percents;
  return { changes, errors };
}

function parsedPercents(text: string): number[] | null {
  const parts = text.split(/[\s,;%]+/).filter(Boolean);
  const numbers = [...new Set(parts.map(Number))].sort((one, other) => one - other);
  const right = numbers.length >= 1 && numbers.length <= 10 && numbers.every((one) => Number.isInteger(one) && one >= 1 && one <= 100);
  return right ? numbers : null;
}
