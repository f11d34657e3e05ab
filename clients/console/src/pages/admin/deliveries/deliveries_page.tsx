import type { Delivery } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reelgate } from "../../../app/client.ts";
import type { PageProps } from "../../../app/pages.ts";
import { hrefTo, navigate } from "../../../app/router.ts";
import { formatTime } from "../../../format/dates.ts";
import { Badge, Button, EmptyState, Loading, PageHeader, Pager, SelectField, Table, TextField, usePages, type Column } from "../../../ui/index.ts";
import { UserOf } from "../audit/event_dialog.tsx";
import { STATES, TYPE_CHOICES, channelWords, stateWords, typeWords, type DeliveryState } from "./delivery_words.ts";
import { SendAgain } from "./send_again.tsx";

/** Mails and webhooks, and what became of each. */
export default function DeliveriesPage({ query }: PageProps): JSX.Element {
  const [state, type, user] = ["state", "type", "user"].map((name) => query.get(name) ?? "") as [string, string, string];
  const list = usePages<Delivery>(
    (cursor, signal) =>
      reelgate.admin.deliveries.list({ cursor, limit: 50, state: (state || null) as DeliveryState | null, type: type || null, user_id: user || null }, signal),
    (one) => one.delivery_id,
    [state, type, user],
  );
  const replace = (changed: Delivery) => list.update((items) => items.map((one) => (one.delivery_id === changed.delivery_id ? changed : one)));
  const columns: readonly Column<Delivery>[] = [
    { title: "When", cell: (one) => <time dateTime={one.occurred_at}>{formatTime(one.occurred_at)}</time> },
    {
      title: "About",
      heading: true,
      cell: (one) => (
        <>
          <a href={hrefTo(`/admin/deliveries/${encodeURIComponent(one.delivery_id)}`)}>{typeWords(one.type)}</a>
          <span class="below">{channelWords(one.channel)}</span>
        </>
      ),
    },
    { title: "User", cell: (one) => <UserOf id={one.user_id} /> },
    {
      title: "State",
      cell: (one) => (
        <>
          <StateBadge state={one.state} />
          {one.error && <span class="below">{one.error}</span>}
        </>
      ),
    },
    { title: "Attempts", number: true, cell: (one) => one.attempts },
    { title: "Send again", actions: true, cell: (one) => <SendAgain delivery={one} small onSent={replace} /> },
  ];
  return (
    <>
      <PageHeader title="Mails and webhooks">
        <p class="quiet-text">What was sent in the last 30 days, and what became of it.</p>
      </PageHeader>
      <DeliveryFilters key={user} state={state} type={type} user={user} />
      {list.items.length > 0 && (
        <div class="sheet">
          <Table caption="Mails and webhooks, newest first" columns={columns} rows={list.items} keyOf={(one) => one.delivery_id} />
        </div>
      )}
      {list.begun && list.items.length === 0 && (
        <EmptyState icon="mail" title="Nothing found">
          {state || type || user ? "Nothing was sent that matches all of these filters." : "Nothing was sent yet."}
        </EmptyState>
      )}
      {!list.begun && list.error === null && <Loading />}
      <Pager list={list} noun="mails and webhooks" />
    </>
  );
}

function DeliveryFilters({ state, type, user }: { state: string; type: string; user: string }): JSX.Element {
  const [typed, setTyped] = useState(user);
  const go = (changes: Record<string, string>) => navigate("/admin/deliveries", { state, type, user, ...changes });
  return (
    <form
      class="filters wide"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        go({ user: typed.trim() });
      }}
    >
      <SelectField
        label="State"
        value={state}
        onChange={(chosen) => go({ state: chosen })}
        choices={[{ value: "", label: "all" }, ...Object.entries(STATES).map(([value, { label }]) => ({ value, label }))]}
      />
      <SelectField
        label="About"
        value={type}
        onChange={(chosen) => go({ type: chosen })}
        choices={[{ value: "", label: "all" }, ...TYPE_CHOICES.map(([value, label]) => ({ value, label }))]}
      />
      <TextField label="User id" type="search" value={typed} onInput={setTyped} />
      <div class="filters-actions">
        <Button type="submit" icon="search">
          Find
        </Button>
      </div>
    </form>
  );
}

/** How far a delivery is, in words. */
export function StateBadge({ state }: { state: string }): JSX.Element {
  const { label, kind } = stateWords(state);
  return <Badge kind={kind}>{label}</Badge>;
}
