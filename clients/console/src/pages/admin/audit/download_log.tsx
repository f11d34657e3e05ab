import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { saveFile } from "../../../app/save.ts";
import { formatCount } from "../../../format/bytes.ts";
import { Button, ErrorMessage, Note, Progress } from "../../../ui/index.ts";
import { CSV_HEADER, csvLine } from "./audit_csv.ts";
import { Broken, auditLines } from "./audit_lines.ts";
import type { AuditQuery } from "./filters.ts";

/** All events that match, as NDJSON or CSV. */
export function DownloadLog({ query }: { query: AuditQuery }): JSX.Element {
  const [lines, setLines] = useState(0);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const download = useAction(async (form: "ndjson" | "csv") => {
    const { signal } = (stop.current = new AbortController());
    const texts: string[] = form === "csv" ? [CSV_HEADER] : [];
    let count = 0;
    setLines(0);
    const open = async (cursor: string | undefined) => {
      const answer: unknown = await reelgate.request("GET", "/v1/admin/audit", {
        params: { query: { ...query, format: "ndjson", cursor } },
        headers: { Accept: "application/x-ndjson, application/problem+json" },
        signal,
      });
      return [typeof answer === "string" ? answer : ""];
    };
    for await (const event of auditLines(open)) {
      texts.push(form === "csv" ? csvLine(event) : `${JSON.stringify(event)}\n`);
      count += 1;
      if (count % 500 === 0) setLines(count);
    }
    const type = form === "csv" ? "text/csv" : "application/x-ndjson";
    saveFile(new Blob(texts, { type }), `audit-${new Date().toISOString().slice(0, 10)}.${form}`);
  });
  return (
    <div class="downloads">
      {download.busy ? (
        <>
          <Progress label={lines === 0 ? "Collecting events" : `${formatCount(lines)} events so far`} value={null} />
          <Button small onClick={() => stop.current.abort()}>
            Cancel
          </Button>
        </>
      ) : (
        <>
          <span class="quiet-text small-text">Everything that matches:</span>
          <Button small icon="download" onClick={() => void download.run("ndjson")}>
            NDJSON
          </Button>
          <Button small icon="download" onClick={() => void download.run("csv")}>
            CSV
          </Button>
        </>
      )}
      {download.error instanceof Broken ? (
        <Note kind="warning">{download.error.message}</Note>
      ) : (
        download.error !== null && !stop.current.signal.aborted && <ErrorMessage error={download.error} />
      )}
    </div>
  );
}
