import type { InvoicedUser } from "@reelgate/client";
import type { JSX } from "preact";
import { reelgate } from "../../../app/client.ts";
import { useLoad } from "../../../app/load.ts";
import type { PageProps } from "../../../app/pages.ts";
import { hrefTo, navigate } from "../../../app/router.ts";
import { formatBytes, formatCount } from "../../../format/bytes.ts";
import { EmptyState, ErrorMessage, Loading, Note, PageHeader, Pager, Section, SelectField, Table, usePages, type Column } from "../../../ui/index.ts";
import { monthName, recentMonths, type Month } from "../../usage/months.ts";
import { formatByteHours } from "../../usage/storage_time.ts";
import { DownloadUsage } from "./download_usage.tsx";

const MONTHS = 24;

const COLUMNS: readonly Column<InvoicedUser>[] = [
  { title: "User", heading: true, cell: (user) => <a href={hrefTo(`/admin/users/${encodeURIComponent(user.user_id)}`)}>{user.email ?? user.user_id}</a> },
  { title: "Stored at the end", number: true, cell: ({ total }) => (total.stored === null ? "not known" : formatBytes(total.stored)) },
  { title: "Storage over time", number: true, cell: ({ total }) => formatByteHours(total.byte_hours) },
  { title: "Uploaded", number: true, cell: ({ total }) => `${formatBytes(total.uploaded)} (${formatCount(total.uploads)})` },
  { title: "Watched", number: true, cell: ({ total }) => `${formatBytes(total.streamed)} (${formatCount(total.streams)})` },
  { title: "Really sent", number: true, cell: ({ total }) => (total.settled === null ? "not measured" : formatBytes(total.settled)) },
];

/** What all users used in a month, as it is billed. */
export default function UsageOfAllPage({ query }: PageProps): JSX.Element {
  const user = query.get("user");
  // The server's today: its time zone decides where a month ends.
  const today = useLoad(async (signal) => (await reelgate.usage.days({}, signal)).items.at(-1)?.date ?? new Date().toISOString().slice(0, 10), []);
  const months = today.data ? recentMonths(today.data, MONTHS) : [];
  const month = months.find(({ key }) => key === query.get("month")) ?? months[0];
  return (
    <>
      <PageHeader title="Usage of all" />
      {today.error !== null && <ErrorMessage error={today.error} onRetry={today.reload} />}
      {month ? (
        <>
          <div class="filters">
            <SelectField
              label="Month"
              value={month.key}
              onChange={(key) => navigate("/admin/usage", { month: key, user })}
              choices={months.map(({ key }) => ({ value: key, label: monthName(key) }))}
            />
          </div>
          {user && (
            <Note>
              Only the user <code>{user}</code>. <a href={hrefTo("/admin/usage", { month: month.key })}>Show all users</a>
            </Note>
          )}
          <DownloadUsage key={`${month.key} ${user}`} month={month} user={user} />
          <UsersOfMonth month={month} user={user} />
        </>
      ) : (
        today.error === null && <Loading />
      )}
    </>
  );
}

function UsersOfMonth({ month, user }: { month: Month; user: string | null }): JSX.Element {
  const list = usePages<InvoicedUser>(
    (cursor, signal) => {
      const which = user === null ? { cursor, limit: 50 } : { user_id: user };
      return reelgate.admin.usage({ from: month.first, to: month.last, group: "month", ...which }, signal);
    },
    (one) => one.user_id,
    [month.key, user],
  );
  return (
    <Section title={monthName(month.key)} lead="Users who stored and moved nothing are left out.">
      {list.items.length > 0 && <Table caption={`Usage in ${monthName(month.key)}`} columns={COLUMNS} rows={list.items} keyOf={(one) => one.user_id} />}
      {list.begun && list.items.length === 0 && !list.hasMore && (
        <EmptyState icon="usage" title="Nothing in this month">Nobody has stored or moved anything.</EmptyState>
      )}
      {!list.begun && list.error === null && <Loading />}
      <Pager list={list} noun="users" />
    </Section>
  );
}
