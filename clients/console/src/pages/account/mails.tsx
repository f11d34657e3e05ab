import type { Me } from "@reelgate/client";
import type { JSX } from "preact";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Checkbox, ErrorMessage, Section } from "../../ui/index.ts";

/** Which mails the user gets. */
export function MailsSection({ me, onChanged }: { me: Me; onChanged: (me: Me) => void }): JSX.Element {
  const change = useAction(async (mails: Partial<Me["mails"]>) => onChanged(await reelgate.me.update({ mails })));
  return (
    <Section title="Mails" lead="Changes count at once.">
      <Checkbox
        label="When a limit is nearly or wholly used"
        hint="At most one mail a day for each limit."
        checked={me.mails.alerts}
        disabled={change.busy}
        onChange={(alerts) => void change.run({ alerts })}
      />
      <Checkbox label="When an MP3 is ready" checked={me.mails.audio} disabled={change.busy} onChange={(audio) => void change.run({ audio })} />
      {change.error !== null && <ErrorMessage error={change.error} />}
    </Section>
  );
}
