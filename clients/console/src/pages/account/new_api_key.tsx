import type { CreatedApiKey } from "@reelgate/client";
import { ReelgateError } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, CopyButton, Dialog, ErrorMessage, Field, Note, SelectField, TextField, fieldErrors, type Choice } from "../../ui/index.ts";

type Lifetime = "30" | "90" | "365" | "never" | "day";

const LIFETIMES: readonly Choice<Lifetime>[] = [
  { value: "30", label: "in 30 days" },
  { value: "90", label: "in 90 days" },
  { value: "365", label: "in a year" },
  { value: "day", label: "on a day that I choose" },
  { value: "never", label: "never" },
];
const DAY = 86_400_000;

/** Makes a key, and shows it the only time that it is ever shown. */
export function NewApiKey({ onClose }: { onClose: () => void }): JSX.Element {
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  return made ? <MadeKey made={made} onClose={onClose} /> : <KeyForm onMade={setMade} onClose={onClose} />;
}

function KeyForm({ onMade, onClose }: { onMade: (made: CreatedApiKey) => void; onClose: () => void }): JSX.Element {
  const [label, setLabel] = useState("");
  const [scope, setScope] = useState<"read" | "write">("read");
  const [lifetime, setLifetime] = useState<Lifetime>("90");
  const [day, setDay] = useState("");
  const create = useAction(async () => onMade(await reelgate.me.apiKeys.create({ label, scopes: [scope], expires_at: expiry(lifetime, day) })));
  const wrong = fieldErrors(create.error);
  const lost = create.error instanceof ReelgateError && (create.error.code === "network" || (create.error.status ?? 0) >= 500);
  const form = "new-api-key";
  return (
    <Dialog
      title="New API key"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={create.busy} disabled={label.trim() === "" || (lifetime === "day" && day === "")} onClick={() => void create.run()}>
            Make the key
          </Button>
        </>
      }
    >
      <form
        id={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (label.trim() !== "") void create.run();
        }}
      >
        <TextField label="What it is for" placeholder="Nightly backup" maxLength={100} required autofocus value={label} onInput={setLabel} error={wrong.label} />
        <SelectField
          label="It may"
          value={scope}
          onChange={setScope}
          choices={[
            { value: "read", label: "look only: list, watch, download" },
            { value: "write", label: "look and change: upload, share, delete, too" },
          ]}
        />
        <SelectField label="It expires" value={lifetime} onChange={setLifetime} choices={LIFETIMES} error={lifetime === "day" ? null : wrong.expires_at} />
        {lifetime === "day" && (
          <TextField label="Last day" type="date" required min={new Date(Date.now() + DAY).toISOString().slice(0, 10)} value={day} onInput={setDay} error={wrong.expires_at} />
        )}
        {create.error !== null && (
          <ErrorMessage error={create.error}>
            {lost && <p>The key may have been made all the same, without anybody knowing it. Look at the list, and revoke it there.</p>}
          </ErrorMessage>
        )}
        <button type="submit" hidden disabled={create.busy} />
      </form>
    </Dialog>
  );
}

function MadeKey({ made, onClose }: { made: CreatedApiKey; onClose: () => void }): JSX.Element {
  return (
    <Dialog
      title={`The key for “${made.label}”`}
      onClose={onClose}
      modalOnly
      wide
      actions={
        <Button kind="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <Note kind="warning">Copy it now, and keep it as you keep a password: it is shown this once, and cannot be found again.</Note>
      <Field label="API key">
        {(joined) => <input {...joined} class="secret" type="text" readOnly value={made.key} spellcheck={false} onFocus={(event) => event.currentTarget.select()} />}
      </Field>
      <div class="row">
        <CopyButton text={made.key} label="Copy the key" />
      </div>
    </Dialog>
  );
}

/** When a key expires: the end of its last day, in the user's time zone. */
function expiry(lifetime: Lifetime, day: string): string | null {
  if (lifetime === "never") return null;
  if (lifetime !== "day") return new Date(Date.now() + Number(lifetime) * DAY).toISOString();
  return new Date(`${day}T23:59:59`).toISOString();
}
