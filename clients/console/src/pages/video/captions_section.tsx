import type { Captions, Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { saveFile } from "../../app/save.ts";
import { formatBytes } from "../../format/bytes.ts";
import { formatDay } from "../../format/dates.ts";
import { Badge, Button, confirm, ErrorMessage, Section, Table, toast } from "../../ui/index.ts";
import { CaptionsDialog } from "./captions_dialog.tsx";
import { languageName } from "./languages.ts";

/** Captions and subtitles: one text for each language. */
export function CaptionsSection({ video, onChange }: { video: Video; onChange: () => void }): JSX.Element {
  const [adds, setAdds] = useState(false);
  const action = useWork();
  const remove = async (captions: Captions) => {
    const name = captions.label ?? languageName(captions.language);
    const sure = await confirm({ title: "Delete captions", text: `The captions “${name}” will be gone for good. To have them again, you need the file.`, action: "Delete them", danger: true });
    if (!sure) return;
    const done = await action.run(() => reelgate.videos.captions.delete(video.video_id, captions.language));
    if (!done) return;
    toast(`The captions “${name}” were deleted.`);
    onChange();
  };
  const save = (captions: Captions) =>
    action.run(async () => {
      const text = await reelgate.videos.captions.get(video.video_id, captions.language);
      saveFile(new Blob([text], { type: "text/vtt" }), `${video.filename}.${captions.language}.vtt`);
    });
  return (
    <Section
      title="Captions"
      actions={
        <Button small icon="plus" onClick={() => setAdds(true)}>
          Add captions
        </Button>
      }
    >
      {action.error !== null && <ErrorMessage error={action.error} />}
      {video.captions.length === 0 ? (
        <p class="quiet-text">None yet. A WebVTT file (.vtt) for each language makes the video understandable without sound, and in other languages.</p>
      ) : (
        <Table
          caption="Captions"
          rows={video.captions}
          keyOf={(captions) => captions.language}
          columns={[
            {
              title: "Language",
              heading: true,
              cell: (captions) => (
                <span class="row">
                  {captions.label ?? languageName(captions.language)} <code class="quiet-text">{captions.language}</code>
                  {captions.default && <Badge>Shown by default</Badge>}
                </span>
              ),
            },
            { title: "Changed", cell: (captions) => formatDay(captions.updated_at) },
            { title: "Size", number: true, cell: (captions) => formatBytes(captions.size) },
            {
              title: "Actions",
              actions: true,
              cell: (captions) => (
                <>
                  <Button small kind="quiet" icon="download" label={`Download captions in ${languageName(captions.language)}`} onClick={() => void save(captions)} />
                  <Button small kind="quiet" icon="trash" label={`Delete captions in ${languageName(captions.language)}`} onClick={() => void remove(captions)} />
                </>
              ),
            },
          ]}
        />
      )}
      {adds && <CaptionsDialog video={video} onClose={() => setAdds(false)} onDone={onChange} />}
    </Section>
  );
}
