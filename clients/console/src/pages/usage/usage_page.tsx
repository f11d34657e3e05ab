import type { JSX } from "preact";
import { reelgate } from "../../app/client.ts";
import { useLoad } from "../../app/load.ts";
import { ErrorMessage, Loading, PageHeader } from "../../ui/index.ts";
import { DaysSection } from "./days_section.tsx";
import { LedgerSection } from "./ledger_section.tsx";
import { Alerts, DaySection, StorageSection } from "./meters.tsx";

/** How much of the limits is used, what was used day by day, and every change of it. */
export default function UsagePage(): JSX.Element {
  const now = useLoad((signal) => reelgate.usage.now(signal), []);
  return (
    <>
      <PageHeader title="Usage" />
      {now.error !== null && <ErrorMessage error={now.error} onRetry={now.reload} />}
      {now.data ? (
        <>
          <Alerts alerts={now.data.alerts} />
          <div class="usage-now">
            <StorageSection storage={now.data.storage} />
            <DaySection bandwidth={now.data.bandwidth} />
          </div>
        </>
      ) : (
        now.error === null && <Loading />
      )}
      <DaysSection />
      <LedgerSection />
    </>
  );
}
