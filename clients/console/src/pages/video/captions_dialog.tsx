import { ReelgateError, type Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, Checkbox, Dialog, ErrorMessage, Field, fieldErrors, TextField, toast } from "../../ui/index.ts";
import { COMMON_LANGUAGES, languageInFilename, languageName } from "./languages.ts";

const MAX_BYTES = 1024 * 1024;

/** Takes a WebVTT file for a language. What is wrong with a file is shown with its line. */
export function CaptionsDialog({ video, onClose, onDone }: { video: Video; onClose: () => void; onDone: () => void }): JSX.Element {
  const [file, setFile] = useState<File | null>(null);
  const [language, setLanguage] = useState("");
  const [label, setLabel] = useState("");
  const [isDefault, setIsDefault] = useState(false);
  const [missing, setMissing] = useState(false);
  const [text, setText] = useState("");
  const action = useWork();
  const languages = useId();
  const tag = COMMON_LANGUAGES.find((one) => languageName(one).toLowerCase() === language.trim().toLowerCase()) ?? language.trim();
  const replaces = video.captions.some((one) => one.language.toLowerCase() === tag.toLowerCase());
  const tooLarge = file !== null && file.size > MAX_BYTES;

  const choose = (chosen: File | null) => {
    setFile(chosen);
    action.clear();
    const named = chosen && languageInFilename(chosen.name);
    if (named && !language) setLanguage(named);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setMissing(file === null);
    if (file === null || tooLarge) return;
    const done = await action.run(async () => {
      const content = await file.text();
      setText(content);
      await reelgate.videos.captions.put(video.video_id, tag, content, { ...(label.trim() ? { label: label.trim() } : {}), ...(isDefault ? { default: true } : {}) });
    });
    if (!done) return;
    toast(`Captions in ${languageName(tag)} were added.`);
    onDone();
    onClose();
  };
  const wrong = fieldErrors(action.error);
  const fileError = tooLarge ? "This file is larger than 1 MB, which is the most that captions may have." : missing && file === null ? "Choose a file." : null;
  return (
    <Dialog title="Add captions" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="WebVTT file" error={fileError} hint="A .vtt file. SubRip files (.srt) have to be converted first.">
          {(joined) => <input {...joined} type="file" accept=".vtt,text/vtt" onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)} />}
        </Field>
        <Field label="Language" error={wrong["language"]} hint={tag && languageName(tag) !== tag ? `${languageName(tag)} (${tag})${replaces ? ": replaces the captions that there are" : ""}` : "A name from the list, or a tag such as de-CH."}>
          {(joined) => <input {...joined} required list={languages} value={language} autocomplete="off" onInput={(event) => setLanguage(event.currentTarget.value)} />}
        </Field>
        <datalist id={languages}>
          {COMMON_LANGUAGES.map((one) => (
            <option key={one} value={languageName(one)} />
          ))}
        </datalist>
        <TextField label="Name in the player’s menu" value={label} onInput={setLabel} error={wrong["label"]} hint="Left out: the language." />
        <Checkbox label="Show them unless the viewer switches them off" checked={isDefault} onChange={setIsDefault} />
        {action.error !== null && (
          <ErrorMessage error={action.error}>
            <WrongLine error={action.error} text={text} />
          </ErrorMessage>
        )}
        <div class="form-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={action.busy}>
            {replaces ? "Replace captions" : "Add captions"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The line of the file that was refused, so that the user finds it. */
function WrongLine({ error, text }: { error: unknown; text: string }): JSX.Element | null {
  const line = error instanceof ReelgateError && error.code === "invalid_captions" ? error.problem?.line : null;
  const content = line ? text.split(/\r\n|\n|\r/)[line - 1] : undefined;
  if (!line || content === undefined) return null;
  return (
    <pre class="wrong-line">
      <span>{line}</span> {content.slice(0, 200) || "(empty line)"}
    </pre>
  );
}
