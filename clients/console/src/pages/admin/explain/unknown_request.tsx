import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatBytes } from "../../../format/bytes.ts";
import { formatTime } from "../../../format/dates.ts";
import { Button, CopyButton, Section, SelectField } from "../../../ui/index.ts";
import { knownCodes, refusal } from "./refusals.ts";

/** The audit log does not know the id: says why that can be, and what to do then. */
export function UnknownRequest({ id, onAgain }: { id: string; onAgain: () => void }): JSX.Element {
  const [code, setCode] = useState("");
  const command = `python -m ops explain ${id} --project PROJECT`;
  const words = code === "" ? null : refusal(code, {}, { size: formatBytes, time: formatTime });
  return (
    <>
      <Section
        title="The audit log does not know this id"
        actions={
          <Button small icon="restore" onClick={onAgain}>
            Look again
          </Button>
        }
      >
        <p>That is no proof that nothing happened. It is so for one of these reasons:</p>
        <ul>
          <li>
            <strong>It was an everyday mistake.</strong> The log has refusals by a role, a limit or a throttle, and wrong passwords. A missing
            field, a name that is taken, a file that is too large or of a wrong type, an expired sign-in and errors of the server are only in
            the functions' own logs.
          </li>
          <li>
            <strong>It has just happened.</strong> Refusals appear a moment later. Look again.
          </li>
          <li>
            <strong>It was refused before it reached us</strong>, by the front door: a body that is too large, a quota, an unknown path. Then no
            function has seen it.
          </li>
          <li>
            <strong>It is too old, or mistyped.</strong> The log is kept for a limited time.
          </li>
        </ul>
        <p>Somebody who operates the deployment finds the first and the last kind in its logs, for 30 days, with this command:</p>
        <div class="row">
          <code class="command">{command}</code>
          <CopyButton text={command} />
        </div>
      </Section>
      <Section title="Did the user see a code?" lead="Programs show it, such as name_taken. It says what kind of refusal it was.">
        <div class="narrow">
          <SelectField
            label="Code"
            value={code}
            onChange={setCode}
            choices={[{ value: "", label: "choose one" }, ...knownCodes().map((one) => ({ value: one, label: one }))]}
          />
        </div>
        {words && (
          <div class="stack" aria-live="polite">
            <p>{GENERAL[code] ?? words.why}</p>
            <p>
              <strong>What to do:</strong> {words.next}
            </p>
          </div>
        )}
      </Section>
    </>
  );
}

/** Without numbers, these say less. */
const GENERAL: Readonly<Record<string, string>> = {
  storage_limit_exceeded: "There was not enough room left in the user's storage, counting what open uploads have reserved.",
  bandwidth_limit_exceeded: "There was not enough left of what the user may upload, watch and download in a day.",
};
