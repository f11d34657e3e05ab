import type { LedgerEntry } from "@reelgate/client";
import type { JSX } from "preact";
import { reelgate } from "../../app/client.ts";
import { formatBytes } from "../../format/bytes.ts";
import { formatTime } from "../../format/dates.ts";
import { Loading, Pager, Section, Table, usePages, type Column } from "../../ui/index.ts";
import { amountsOf, kindWords } from "./ledger_words.ts";

const COLUMNS: readonly Column<LedgerEntry>[] = [
  { title: "When", cell: (entry) => <time dateTime={entry.at}>{formatTime(entry.at)}</time> },
  {
    title: "What",
    heading: true,
    cell: (entry) => (
      <>
        {kindWords(entry.kind, entry.reason)}
        {entry.filename && <span class="below">{entry.filename}</span>}
      </>
    ),
  },
  { title: "Amounts", number: true, cell: (entry) => <Amounts entry={entry} /> },
];

/** Every line of the account's books, newest first. */
export function LedgerSection(): JSX.Element {
  const list = usePages((cursor, signal) => reelgate.usage.entries({ cursor, limit: 25 }, signal), (entry: LedgerEntry) => entry.entry_id, []);
  return (
    <Section title="Every change" lead="What was stored, reserved, uploaded and watched, line by line. The sums of these lines are the numbers above.">
      {list.begun && list.items.length === 0 && <p>Nothing has happened yet. Upload a video, and its lines are here.</p>}
      {list.items.length > 0 && <Table caption="Every change, newest first" columns={COLUMNS} rows={list.items} keyOf={(entry) => entry.entry_id} />}
      {!list.begun && list.error === null && <Loading />}
      <Pager list={list} noun="changes" />
    </Section>
  );
}

function Amounts({ entry }: { entry: LedgerEntry }): JSX.Element {
  const amounts = amountsOf(entry);
  if (amounts.length === 0) return <span class="quiet-text">nothing counted</span>;
  return (
    <ul class="amounts">
      {amounts.map(([name, bytes]) => (
        <li key={name}>
          <span class="quiet-text">{name}</span> {bytes < 0 ? "−" : "+"}
          {formatBytes(Math.abs(bytes))}
        </li>
      ))}
    </ul>
  );
}
