import type { User } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reelgate } from "../../../app/client.ts";
import type { PageProps } from "../../../app/pages.ts";
import { hrefTo, navigate } from "../../../app/router.ts";
import { formatBytes } from "../../../format/bytes.ts";
import { formatDay } from "../../../format/dates.ts";
import { Badge, Button, EmptyState, Loading, PageHeader, Pager, Table, TextField, usePages, type Column } from "../../../ui/index.ts";

const COLUMNS: readonly Column<User>[] = [
  { title: "User", heading: true, cell: (user) => <UserLink user={user} /> },
  { title: "State", cell: (user) => <UserBadges user={user} /> },
  { title: "Stored", number: true, cell: (user) => `${formatBytes(user.storage_used)} of ${formatBytes(user.limits.storage)}` },
  { title: "Today", number: true, cell: (user) => `${formatBytes(user.bandwidth_used)} of ${formatBytes(user.limits.bandwidth)}` },
  { title: "Since", cell: (user) => user.created_at && <time dateTime={user.created_at}>{formatDay(user.created_at)}</time> },
];

/** All users, or the one with an address. */
export default function UsersPage({ query }: PageProps): JSX.Element {
  const email = query.get("email") ?? "";
  const list = usePages<User>(
    (cursor, signal) => reelgate.admin.users.list(email === "" ? { cursor, limit: 50 } : { email }, signal),
    (user) => user.user_id,
    [email],
  );
  return (
    <>
      <PageHeader title="Users" />
      <FindUser key={email} email={email} />
      {list.begun && list.items.length === 0 && (
        <EmptyState icon="users" title={email === "" ? "No users yet" : "Nobody has this address"}>
          {email === "" ? "Users are here as soon as they have registered." : "It must be the whole address. A user of another issuer is here after their first upload."}
        </EmptyState>
      )}
      {list.items.length > 0 && (
        <div class="sheet">
          <Table caption="Users" columns={COLUMNS} rows={list.items} keyOf={(user) => user.user_id} />
        </div>
      )}
      {!list.begun && list.error === null && <Loading />}
      <Pager list={list} noun="users" />
    </>
  );
}

function FindUser({ email }: { email: string }): JSX.Element {
  const [typed, setTyped] = useState(email);
  const find = () => {
    const wanted = typed.trim();
    if (wanted === "" || wanted.includes("@")) navigate("/admin/users", { email: wanted });
    else navigate(`/admin/users/${encodeURIComponent(wanted)}`);
  };
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        find();
      }}
    >
      <TextField label="Find by e-mail address or user id" type="search" value={typed} onInput={setTyped} />
      <div class="filters-actions">
        <Button type="submit" icon="search">
          Find
        </Button>
        {email !== "" && (
          <Button kind="quiet" onClick={() => navigate("/admin/users")}>
            Show all
          </Button>
        )}
      </div>
    </form>
  );
}

function UserLink({ user }: { user: User }): JSX.Element {
  return (
    <>
      <a href={hrefTo(`/admin/users/${encodeURIComponent(user.user_id)}`)}>{user.email ?? user.user_id}</a>
      {user.username && <span class="below">{user.username}</span>}
    </>
  );
}

/** What is special about a user, in words. */
export function UserBadges({ user }: { user: User }): JSX.Element {
  return (
    <span class="row">
      {user.disabled ? <Badge kind="bad">disabled</Badge> : <Badge kind="good">active</Badge>}
      {user.role === "admin" && <Badge kind="busy">administrator</Badge>}
      {user.role === null && <Badge>other issuer</Badge>}
      {user.email_verified === false && <Badge kind="warning">address not verified</Badge>}
    </span>
  );
}
