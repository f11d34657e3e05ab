import type { ApiKey } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { useLoad } from "../../app/load.ts";
import { formatDay, formatRelative } from "../../format/dates.ts";
import { Badge, Button, ErrorMessage, Loading, Section, Table, confirm, toast, type Column } from "../../ui/index.ts";
import { NewApiKey } from "./new_api_key.tsx";

/** Keys with which programs act for the user. */
export function ApiKeysSection(): JSX.Element {
  const [making, setMaking] = useState(false);
  const keys = useLoad(() => reelgate.me.apiKeys.list(), []);
  const revoke = useAction(async (key: ApiKey) => {
    const question = {
      title: `Revoke “${key.label}”?`,
      text: "Programs that use it are refused within a minute. It cannot be made valid again.",
      action: "Revoke the key",
      danger: true,
    };
    if (!(await confirm(question))) return;
    await reelgate.me.apiKeys.revoke(key.key_id);
    toast(`“${key.label}” is revoked.`);
    keys.reload();
  });
  const columns: readonly Column<ApiKey>[] = [
    { title: "Key", heading: true, cell: (key) => key.label },
    { title: "May", cell: (key) => (key.scopes.includes("write") ? "look and change" : "look only") },
    { title: "Made", cell: (key) => formatDay(key.created_at) },
    { title: "Expires", cell: (key) => <Expiry at={key.expires_at} /> },
    { title: "Last used", cell: (key) => (key.last_used_at ? formatRelative(key.last_used_at) : "never") },
    {
      title: "Revoke",
      actions: true,
      cell: (key) => (
        <Button small onClick={() => void revoke.run(key)}>
          Revoke<span class="visually-hidden"> {key.label}</span>
        </Button>
      ),
    },
  ];
  return (
    <Section
      title="API keys"
      lead="For scripts, servers and the command line. A key acts as you, but cannot make keys, change your password or delete your account."
      actions={
        <Button icon="plus" onClick={() => setMaking(true)}>
          New key
        </Button>
      }
    >
      {keys.error !== null && <ErrorMessage error={keys.error} onRetry={keys.reload} />}
      {revoke.error !== null && <ErrorMessage error={revoke.error} />}
      {keys.data === null && keys.error === null && <Loading />}
      {keys.data?.items.length === 0 && <p class="quiet-text">You have no keys.</p>}
      {keys.data && keys.data.items.length > 0 && <Table caption="API keys, newest first" columns={columns} rows={keys.data.items} keyOf={(key) => key.key_id} />}
      {making && (
        <NewApiKey
          onClose={() => {
            setMaking(false);
            keys.reload();
          }}
        />
      )}
    </Section>
  );
}

function Expiry({ at }: { at: string | null }): JSX.Element {
  if (at === null) return <>never</>;
  return Date.parse(at) <= Date.now() ? <Badge kind="bad">expired</Badge> : <time dateTime={at}>{formatDay(at)}</time>;
}
