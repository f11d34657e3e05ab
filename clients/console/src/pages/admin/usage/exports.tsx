import { ReelgateError } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { useLoad, usePolling } from "../../../app/load.ts";
import { saveFrom } from "../../../app/save.ts";
import { formatDay, formatTime } from "../../../format/dates.ts";
import { Badge, Button, ErrorMessage } from "../../../ui/index.ts";
import { forget, knownExports } from "./known_exports.ts";

/** The exports that were ordered in this tab, and how far they are. */
export function Exports(): JSX.Element | null {
  const [ids] = useState(knownExports);
  if (ids.length === 0) return null;
  return (
    <ul class="exports" aria-label="Ordered exports">
      {ids.map((id) => (
        <OneExport key={id} id={id} />
      ))}
    </ul>
  );
}

function fetchExport(id: string, signal?: AbortSignal) {
  return reelgate.request("GET", "/v1/admin/usage/exports/{export_id}", { params: { path: { export_id: id } }, signal });
}

function OneExport({ id }: { id: string }): JSX.Element | null {
  const found = useLoad((signal) => fetchExport(id, signal), [id]);
  const { data } = found;
  const open = data?.state === "queued" || data?.state === "running";
  usePolling(open, async (signal) => found.set(await fetchExport(id, signal)));
  const download = useAction(async () => {
    const { url } = await fetchExport(id); // a URL works for a quarter of an hour: a fresh one each time
    if (url) await saveFrom(url);
  });
  if (found.error instanceof ReelgateError && found.error.code === "export_not_found") {
    forget(id);
    return null;
  }
  if (found.error !== null) return <li><ErrorMessage error={found.error} onRetry={found.reload} /></li>;
  if (!data) return null;
  return (
    <li class="export">
      <div>
        <strong>
          {formatDay(`${data.from}T12:00`)} to {formatDay(`${data.to}T12:00`)}, by {data.group}
        </strong>
        <p class="quiet-text small-text">Ordered {formatTime(data.requested_at)}. It is kept until {formatDay(data.expires_at)}.</p>
      </div>
      {data.state === "ready" && (
        <Button small icon="download" busy={download.busy} onClick={() => void download.run()}>
          Download
        </Button>
      )}
      {open && <Badge kind="busy">{data.state === "queued" ? "waits for the next ten minutes" : "is being written"}</Badge>}
      {data.state === "failed" && <Badge kind="bad">failed: order another one</Badge>}
      {download.error !== null && <ErrorMessage error={download.error} />}
    </li>
  );
}
