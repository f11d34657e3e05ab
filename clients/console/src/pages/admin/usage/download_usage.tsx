import { ReelgateError } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { saveFile } from "../../../app/save.ts";
import { Button, ErrorMessage, Note, Section, SelectField } from "../../../ui/index.ts";
import type { Month } from "../../usage/months.ts";
import { Exports } from "./exports.tsx";
import { remember } from "./known_exports.ts";

type Group = "month" | "day";

/** A month as CSV: at once, or, for very many users, as an export that the server writes. */
export function DownloadUsage({ month, user }: { month: Month; user: string | null }): JSX.Element {
  const [group, setGroup] = useState<Group>("month");
  const [turn, setTurn] = useState(0);
  const csv = useAction(async () => {
    const text = await reelgate.admin.usageCsv({ from: month.first, to: month.last, group, ...(user === null ? {} : { user_id: user }) });
    saveFile(new Blob([text], { type: "text/csv" }), `usage-${month.first}-${month.last}-by-${group}.csv`);
  });
  const order = useAction(async () => {
    const ordered = await reelgate.request("POST", "/v1/admin/usage/exports", { body: { from: month.first, to: month.last, group }, idempotent: true });
    remember(ordered.export_id);
    csv.clear();
    setTurn((now) => now + 1);
  });
  const tooMany = csv.error instanceof ReelgateError && csv.error.code === "export_needed";
  return (
    <Section title="For the bill" lead="One CSV file with exact numbers. docs/billing.md says what its columns mean.">
      <div class="filters">
        <SelectField
          label="A line for each user and"
          value={group}
          onChange={setGroup}
          choices={[
            { value: "month", label: "month" },
            { value: "day", label: "day" },
          ]}
        />
        <div class="filters-actions">
          <Button icon="download" busy={csv.busy} onClick={() => void csv.run()}>
            Download CSV
          </Button>
          {user === null && (
            <Button busy={order.busy} onClick={() => void order.run()}>
              Order an export
            </Button>
          )}
        </div>
      </div>
      {tooMany ? (
        <Note>These are too many users for one answer. Order an export: the server writes the same file within some minutes, for any number of users.</Note>
      ) : (
        csv.error !== null && <ErrorMessage error={csv.error} onRetry={() => void csv.run()} />
      )}
      {order.error !== null && <ErrorMessage error={order.error} />}
      <Exports key={turn} />
    </Section>
  );
}
