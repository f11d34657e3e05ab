import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { saveFile } from "../../app/save.ts";
import { formatCount } from "../../format/bytes.ts";
import { Button, ErrorMessage, Progress, Section, toast } from "../../ui/index.ts";
import { ExportFile, type ExportPage } from "./export_file.ts";

/** What is under way: the pages so far, and where the next one begins. */
interface Begun {
  readonly file: ExportFile;
  cursor: string | null;
}

/** Everything that is stored about the user, as one file. After an error it goes on where it was. */
export function ExportSection(): JSX.Element {
  const begun = useRef<Begun | null>(null);
  const stop = useRef(new AbortController());
  const [items, setItems] = useState(0);
  useEffect(() => () => stop.current.abort(), []);
  const download = useAction(async () => {
    const { signal } = (stop.current = new AbortController());
    const { file } = (begun.current ??= { file: new ExportFile(), cursor: null });
    do {
      const page = await reelgate.me.export({ cursor: begun.current.cursor }, signal);
      file.add(page as unknown as ExportPage);
      begun.current.cursor = page.next_cursor;
      setItems(file.items);
    } while (begun.current.cursor !== null);
    begun.current = null;
    saveFile(file.blob(), `reelgate-export-${new Date().toISOString().slice(0, 10)}.json`);
    toast(`Your data is saved: ${formatCount(file.items)} entries in one file.`);
  });
  const cancel = () => {
    stop.current.abort();
    begun.current = null;
    setItems(0);
    download.clear();
  };
  const failed = download.error !== null && begun.current !== null;
  return (
    <Section
      title="My data"
      lead="Everything that is stored about you, as one JSON file: account, list of videos, links, usage, keys without their secrets, mails and the log. The videos themselves are downloads of their own."
      actions={
        download.busy ? (
          <Button onClick={cancel}>Cancel</Button>
        ) : (
          <Button icon="download" onClick={() => void download.run()}>
            {failed ? "Go on" : "Download my data"}
          </Button>
        )
      }
    >
      {download.busy && <Progress label={`Collecting: ${formatCount(items)} entries so far`} value={null} />}
      {failed && (
        <ErrorMessage error={download.error}>
          <p>What has been collected is kept: {formatCount(items)} entries.</p>
        </ErrorMessage>
      )}
    </Section>
  );
}
