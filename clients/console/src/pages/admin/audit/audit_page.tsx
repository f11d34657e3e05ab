import type { AuditEvent } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reelgate } from "../../../app/client.ts";
import type { PageProps } from "../../../app/pages.ts";
import { formatTime } from "../../../format/dates.ts";
import { Badge, Button, EmptyState, Loading, Note, PageHeader, Pager, Table, usePages, type Column } from "../../../ui/index.ts";
import { FORM, chapterOf, type Event } from "../explain/story.ts";
import { AuditForm } from "./audit_form.tsx";
import { DownloadLog } from "./download_log.tsx";
import { EventDialog, UserOf } from "./event_dialog.tsx";
import { addressOf, filtersOf, queryOf, type AuditQuery } from "./filters.ts";

/** Who did what, and what was denied. */
export default function AuditPage({ query: asked }: PageProps): JSX.Element {
  const [turn, setTurn] = useState(0);
  const filters = filtersOf(asked);
  const address = addressOf(filters);
  let query: AuditQuery | null = null;
  let wrong: string | null = null;
  try {
    query = queryOf(filters);
  } catch (error) {
    wrong = (error as Error).message;
  }
  return (
    <>
      <PageHeader title="Audit log">
        <p class="quiet-text">
          Who did what, and what was denied. Everyday mistakes, such as a name that is taken, are not in it. Reading it is recorded, too.
        </p>
      </PageHeader>
      <AuditForm key={address} filters={filters} onSearch={() => setTurn((now) => now + 1)} />
      {wrong !== null && <Note kind="warning">{wrong}</Note>}
      {query && <Events key={`${address} ${turn}`} query={query} />}
    </>
  );
}

function Events({ query }: { query: AuditQuery }): JSX.Element {
  const [shown, setShown] = useState<AuditEvent | null>(null);
  const list = usePages<AuditEvent>((cursor, signal) => reelgate.admin.audit({ ...query, cursor, limit: 50 }, signal), (event) => event.event_id, []);
  const columns: readonly Column<AuditEvent>[] = [
    { title: "When", cell: (event) => <time dateTime={event.at}>{formatTime(event.at)}</time> },
    {
      title: "What",
      heading: true,
      cell: (event) => {
        const { title, why } = chapterOf(event as unknown as Event, FORM);
        return (
          <>
            {title}
            <span class="below">{why || event.description}</span>
          </>
        );
      },
    },
    { title: "Who", cell: (event) => <UserOf id={event.user_id} /> },
    { title: "Outcome", cell: (event) => (event.outcome === "denied" ? <Badge kind="bad">denied</Badge> : <Badge kind="good">done</Badge>) },
    {
      title: "Details",
      actions: true,
      cell: (event) => (
        <Button small onClick={() => setShown(event)}>
          Details<span class="visually-hidden"> of {chapterOf(event as unknown as Event, FORM).title}</span>
        </Button>
      ),
    },
  ];
  return (
    <>
      <DownloadLog query={query} />
      {list.items.length > 0 && (
        <div class="sheet">
          <Table caption="Events, newest first" columns={columns} rows={list.items} keyOf={(event) => event.event_id} />
        </div>
      )}
      {list.begun && list.items.length === 0 && (
        <EmptyState icon="audit" title="Nothing found">No event matches all of these filters. What was just done can take a moment to appear.</EmptyState>
      )}
      {!list.begun && list.error === null && <Loading />}
      <Pager list={list} noun="events" />
      {shown && <EventDialog event={shown} onClose={() => setShown(null)} />}
    </>
  );
}
