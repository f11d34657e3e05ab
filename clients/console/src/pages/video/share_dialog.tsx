import type { CreatedGrant, GrantTerms, Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { formatTime } from "../../format/dates.ts";
import { Button, CopyButton, Dialog, ErrorMessage, Field, fieldErrors, Note, SelectField, TextField } from "../../ui/index.ts";

const HOUR = 3600;
const LIFETIMES = [
  { value: String(HOUR), label: "For an hour" },
  { value: String(24 * HOUR), label: "For a day" },
  { value: String(7 * 24 * HOUR), label: "For a week" },
  { value: String(30 * 24 * HOUR), label: "For 30 days" },
  { value: String(365 * 24 * HOUR), label: "For a year" },
  { value: "until", label: "Until a day of your choice" },
] as const;
const GIGABYTE = 1_000_000_000;

/** Makes a link. It is shown once: afterwards it can be revoked, but not read again. */
export function ShareDialog({ video, onClose, onDone }: { video: Video; onClose: () => void; onDone: () => void }): JSX.Element {
  const [made, setMade] = useState<CreatedGrant | null>(null);
  return made ? (
    <MadeLink grant={made} onClose={onClose} />
  ) : (
    <Terms
      video={video}
      onClose={onClose}
      onMade={(grant) => {
        setMade(grant);
        onDone();
      }}
    />
  );
}

function Terms({ video, onClose, onMade }: { video: Video; onClose: () => void; onMade: (grant: CreatedGrant) => void }): JSX.Element {
  const [label, setLabel] = useState("");
  const [lifetime, setLifetime] = useState<(typeof LIFETIMES)[number]["value"]>(LIFETIMES[2].value);
  const [until, setUntil] = useState("");
  const [plays, setPlays] = useState("");
  const [gigabytes, setGigabytes] = useState("");
  const [origins, setOrigins] = useState("");
  const action = useWork();
  const submit = async (event: Event) => {
    event.preventDefault();
    const terms: GrantTerms = {};
    if (label.trim()) terms.label = label.trim();
    if (lifetime !== "until") terms.seconds = Number(lifetime);
    else terms.expires_at = new Date(`${until}T23:59:59`).toISOString();
    if (plays) terms.max_plays = Number(plays);
    if (gigabytes) terms.max_bytes = Math.round(Number(gigabytes) * GIGABYTE);
    const sites = origins.split(/[\s,]+/).filter(Boolean);
    if (sites.length) terms.origins = sites.map(originOf);
    let grant: CreatedGrant | null = null;
    if ((await action.run(async () => (grant = await reelgate.grants.create(video.video_id, terms)))) && grant) onMade(grant);
  };
  const wrong = fieldErrors(action.error);
  const originError = Object.entries(wrong).find(([field]) => field.startsWith("origins"))?.[1];
  return (
    <Dialog title="Share this video" onClose={onClose} wide>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>Whoever has the link can watch, without an account. What they watch counts as your data.</p>
        <TextField label="What is it for?" value={label} onInput={setLabel} maxLength={100} autofocus placeholder="For Bob" error={wrong["label"]} hint="Only you see it." />
        <div class="form-row">
          <SelectField label="Works" value={lifetime} choices={LIFETIMES} onChange={setLifetime} error={wrong["seconds"]} />
          {lifetime === "until" && (
            <TextField label="Last day" type="date" required value={until} onInput={setUntil} min={dayIn(0)} max={dayIn(365)} error={wrong["expires_at"]} />
          )}
        </div>
        <div class="form-row">
          <TextField label="At most this many plays" type="number" min={1} step={1} value={plays} onInput={setPlays} placeholder="Any number" error={wrong["max_plays"]} />
          <TextField label="At most this much data, in GB" type="number" min={0.001} step="any" value={gigabytes} onInput={setGigabytes} placeholder="Any amount" error={wrong["max_bytes"]} />
        </div>
        <Field label="Only on these web sites" error={originError} hint="For players in pages of yours: addresses such as https://example.com, with spaces between them. Left out: anywhere.">
          {(joined) => <input {...joined} value={origins} spellcheck={false} onInput={(event) => setOrigins(event.currentTarget.value)} />}
        </Field>
        {action.error !== null && <ErrorMessage error={action.error} />}
        <div class="form-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={action.busy}>
            Make a link
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function MadeLink({ grant, onClose }: { grant: CreatedGrant; onClose: () => void }): JSX.Element {
  const address = new URL(grant.watch_url, location.origin).href;
  return (
    <Dialog
      title="Your link"
      onClose={onClose}
      wide
      actions={
        <>
          <a class="button" href={address} target="_blank" rel="noreferrer">
            Open it
          </a>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div class="copy-line">
        <Field label="Link" hideLabel>
          {(joined) => <input {...joined} readOnly value={address} onFocus={(event) => event.currentTarget.select()} />}
        </Field>
        <CopyButton text={address} label="Copy link" kind="primary" />
      </div>
      <Note>
        <p>
          Copy it now: it is <strong>shown this once</strong>. It works until {formatTime(grant.expires_at)}, unless you revoke it.
        </p>
      </Note>
    </Dialog>
  );
}

/** What a user types as a site, as browsers send it: `example.com/page` is `https://example.com`. */
function originOf(site: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(site) ? site : `https://${site}`;
  return URL.canParse(address) ? new URL(address).origin : site;
}

/** A day from today on, as date fields have it. */
function dayIn(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() + days);
  return [day.getFullYear(), String(day.getMonth() + 1).padStart(2, "0"), String(day.getDate()).padStart(2, "0")].join("-");
}
