import type { CurrentUsage } from "@reelgate/client";
import type { JSX } from "preact";
import { formatBytes, formatCount } from "../../format/bytes.ts";
import { formatRelative, formatTime } from "../../format/dates.ts";
import { Facts, Meter, Note, Section } from "../../ui/index.ts";

/** How full the storage is. */
export function StorageSection({ storage }: { storage: CurrentUsage["storage"] }): JSX.Element {
  const text = `${formatBytes(storage.used + storage.reserved)} of ${formatBytes(storage.limit)}`;
  return (
    <Section title="Storage">
      <Meter label={`${formatBytes(storage.available)} left`} value={storage.used} reserved={storage.reserved} max={storage.limit} text={text} />
      <Facts
        facts={[
          ["Videos and captions", formatBytes(storage.used)],
          ["Reserved by open uploads", formatBytes(storage.reserved)],
          ["In the trash", storage.trash === null ? "known from tomorrow on" : formatBytes(storage.trash)],
        ]}
      />
      <p class="quiet-text small-text">
        The trash does not count. It may have {formatBytes(storage.trash_limit)} now; beyond that, what is oldest in it is removed for good.
      </p>
    </Section>
  );
}

/** What is left of the day. */
export function DaySection({ bandwidth }: { bandwidth: CurrentUsage["bandwidth"] }): JSX.Element {
  const text = `${formatBytes(bandwidth.used + bandwidth.reserved)} of ${formatBytes(bandwidth.limit)}`;
  return (
    <Section title="Data today">
      <Meter label={`${formatBytes(bandwidth.available)} left`} value={bandwidth.used} reserved={bandwidth.reserved} max={bandwidth.limit} text={text} />
      <p>
        All of it is yours again{" "}
        <time dateTime={bandwidth.resets_at}>
          {formatRelative(bandwidth.resets_at)} ({formatTime(bandwidth.resets_at)})
        </time>
        .
      </p>
      <Facts
        facts={[
          ["Uploaded", formatBytes(bandwidth.uploaded)],
          ["Watched and downloaded", formatBytes(bandwidth.streamed)],
          ["Reserved by open uploads", formatBytes(bandwidth.reserved)],
          ...(bandwidth.rejected > 0 ? [["Uploads that were refused", formatBytes(bandwidth.rejected)] as const] : []),
          ["Watching, as estimated", formatBytes(bandwidth.estimated)],
          ["Watching, as measured", bandwidth.settled === null ? "not measured yet" : formatBytes(bandwidth.settled)],
        ]}
      />
      <p class="quiet-text small-text">
        Watching counts as one full transfer at first. It is corrected when it is known what was really sent, usually on the next day.
      </p>
      {bandwidth.rejections > 0 && (
        <Note kind="warning">
          {bandwidth.rejections === 1 ? "One upload was refused" : `${formatCount(bandwidth.rejections)} uploads were refused`} today, because
          what arrived was not what had been announced. After too many, no more uploads are taken until tomorrow.
        </Note>
      )}
    </Section>
  );
}

/** That a limit is nearly or wholly reached. */
export function Alerts({ alerts }: { alerts: CurrentUsage["alerts"] }): JSX.Element | null {
  if (alerts.length === 0) return null;
  const highest = new Map<string, number>();
  for (const { kind, threshold_percent: percent } of alerts) highest.set(kind, Math.max(percent, highest.get(kind) ?? 0));
  return (
    <div class="usage-alerts">
      {[...highest].map(([kind, percent]) => (
        <Note key={kind} kind="warning">
          {kind === "storage" ? "Your storage" : "What you may transfer today"}{" "}
          {percent >= 100 ? "was used up" : `was used to ${percent} %`} at some time today.
        </Note>
      ))}
    </div>
  );
}
