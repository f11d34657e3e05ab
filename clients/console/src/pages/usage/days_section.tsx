import type { UsageDays } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reelgate } from "../../app/client.ts";
import { useLoad } from "../../app/load.ts";
import { formatBytes, formatCount } from "../../format/bytes.ts";
import { Button, ErrorMessage, Facts, Loading, Section } from "../../ui/index.ts";
import { DayChart, type ChartDay, type Series } from "./day_chart.tsx";
import { daysOf, monthName, monthOf, shifted, type Month } from "./months.ts";
import { formatByteHours } from "./storage_time.ts";

const TRANSFERS: readonly Series[] = [
  { name: "Uploaded", tone: 1 },
  { name: "Watched and downloaded", tone: 2 },
];
const STORED: readonly Series[] = [{ name: "Stored", tone: 1 }];

/** What was used day by day, a month at a time. */
export function DaysSection(): JSX.Element {
  const [chosen, setChosen] = useState<Month | null>(null);
  const frame = useLoad(async (signal) => {
    const [days, me] = await Promise.all([reelgate.usage.days({}, signal), reelgate.me.get(signal)]);
    // The server's today: the browser may be in another time zone.
    return { today: days.items.at(-1)?.date ?? new Date().toISOString().slice(0, 10), since: me.created_at?.slice(0, 7) ?? null };
  }, []);
  const today = frame.data?.today ?? null;
  const month = chosen ?? (today ? monthOf(today, today) : null);
  const days = useLoad<UsageDays | null>(
    async (signal) => (month ? reelgate.usage.days({ from: month.first, to: month.last }, signal) : null),
    [month?.key],
  );
  const error = frame.error ?? days.error;

  return (
    <Section
      title="Day by day"
      actions={
        month && today && (
          <div class="month-switch" role="group" aria-label="Month">
            <Button small icon="back" label="Earlier month" disabled={frame.data?.since != null && month.key <= frame.data.since} onClick={() => setChosen(shifted(month, -1, today))} />
            <strong aria-live="polite">{monthName(month.key)}</strong>
            <Button small icon="forward" label="Later month" disabled={month.key >= today.slice(0, 7)} onClick={() => setChosen(shifted(month, 1, today))} />
          </div>
        )
      }
    >
      {error !== null && <ErrorMessage error={error} onRetry={frame.error ? frame.reload : days.reload} />}
      {month && days.data ? <MonthCharts month={month} days={days.data} /> : error === null && <Loading />}
    </Section>
  );
}

function MonthCharts({ month, days: { items, total } }: { month: Month; days: UsageDays }): JSX.Element {
  const known = new Map(items.map((day) => [day.date, day.usage]));
  const all = daysOf(month);
  const transfers: ChartDay[] = all.map((day) => ({ day, values: [known.get(day)?.uploaded ?? null, known.get(day)?.streamed ?? null] }));
  const stored: ChartDay[] = all.map((day) => ({ day, values: [known.get(day)?.stored ?? null] }));
  return (
    <>
      <DayChart title="Data by day" series={TRANSFERS} days={transfers} />
      <DayChart title="Stored at the end of each day" series={STORED} days={stored} />
      <Facts
        facts={[
          ["Uploaded", `${formatBytes(total.uploaded)} in ${count(total.uploads, "upload")}`],
          ["Watched and downloaded", `${formatBytes(total.streamed)}, ${count(total.streams, "time")}`],
          ["Really sent", total.settled === null ? "not measured yet" : formatBytes(total.settled)],
          ["Moved to the trash", `${formatBytes(total.deleted)} in ${count(total.deletions, "video")}`],
          ["Storage over time", formatByteHours(total.byte_hours)],
        ]}
      />
    </>
  );
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? "" : "s"}`;
}
