import type { CurrentUsage } from "@reelgate/client";
import type { JSX } from "preact";
import { formatBytes } from "../format/bytes.ts";
import { Meter } from "../ui/meter.tsx";
import { reelgate } from "./client.ts";
import { createStore, useStore } from "./store.ts";

/** What is used now; null until it is known. Shared by the shell and the pages. */
export const usage = createStore<CurrentUsage | null>(null);

let asking: Promise<void> | null = null;

/** Asks again, for example after an upload or a deletion. Where that fails, what was known before stays. */
export function refreshUsage(): Promise<void> {
  asking ??= reelgate.usage
    .now()
    .then((now) => usage.set(now))
    .catch(() => undefined)
    .finally(() => (asking = null));
  return asking;
}

/** Storage, and today's data. */
export function UsageMeters(): JSX.Element | null {
  const now = useStore(usage);
  if (!now) return null;
  const { storage, bandwidth } = now;
  return (
    <div class="stack">
      <Meter
        label="Storage"
        value={storage.used}
        reserved={storage.reserved}
        max={storage.limit}
        text={`${formatBytes(storage.used + storage.reserved)} of ${formatBytes(storage.limit)}`}
      />
      <Meter
        label="Data today"
        value={bandwidth.used}
        reserved={bandwidth.reserved}
        max={bandwidth.limit}
        text={`${formatBytes(bandwidth.used + bandwidth.reserved)} of ${formatBytes(bandwidth.limit)}`}
      />
    </div>
  );
}
