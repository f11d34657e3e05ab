import type { Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, Dialog, ErrorMessage, fieldErrors, TextField } from "../../ui/index.ts";

const MAX_LENGTH = 200;

/** Gives a video another title, or none. */
export function RenameDialog({ video, onClose, onChange }: { video: Video; onClose: () => void; onChange: (video: Video) => void }): JSX.Element {
  const [title, setTitle] = useState(video.title ?? "");
  const action = useWork();
  const submit = async (event: Event) => {
    event.preventDefault();
    const done = await action.run(async () => onChange(await reelgate.videos.rename(video.video_id, title.trim() || null)));
    if (done) onClose();
  };
  const wrong = fieldErrors(action.error)["title"];
  return (
    <Dialog title="Rename" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <TextField label="Title" value={title} onInput={setTitle} maxLength={MAX_LENGTH} autofocus error={wrong} hint={`Without a title, the file name is shown: ${video.filename}`} />
        {action.error !== null && !wrong && <ErrorMessage error={action.error} />}
        <div class="form-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={action.busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
