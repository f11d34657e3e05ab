import type { Me } from "@reelgate/client";
import type { JSX } from "preact";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { formatBytes } from "../../format/bytes.ts";
import { formatDay } from "../../format/dates.ts";
import { Badge, Button, ErrorMessage, Facts, Note, Section, toast } from "../../ui/index.ts";

/** Who the user is. */
export function ProfileSection({ me, onReload }: { me: Me; onReload: () => void }): JSX.Element {
  return (
    <Section title="Profile">
      <Facts
        facts={[
          ["Name", me.username ?? "none"],
          ["E-mail address", <Address key="address" me={me} />],
          ["Member since", me.created_at ? formatDay(me.created_at) : "your first upload"],
          ["Role", me.role === "admin" ? "Administrator" : "User"],
          ["Storage", formatBytes(me.limits.storage)],
          ["Data a day", formatBytes(me.limits.bandwidth)],
          ["User id, for support", <code key="id">{me.user_id}</code>],
        ]}
      />
      {me.disabled && <Note kind="warning">An administrator has disabled your account: you can look and delete, but not upload, watch or share.</Note>}
      {me.email_verified === false && <VerifyAddress me={me} onReload={onReload} />}
      <p class="quiet-text small-text">
        Name and address cannot be changed, because people sign in with both. For another one, delete this account and register again.
      </p>
    </Section>
  );
}

function Address({ me }: { me: Me }): JSX.Element {
  return (
    <span class="row">
      {me.email ?? "not known"}
      {me.email_verified !== null && (me.email_verified ? <Badge kind="good">verified</Badge> : <Badge kind="warning">not verified</Badge>)}
    </span>
  );
}

function VerifyAddress({ me, onReload }: { me: Me; onReload: () => void }): JSX.Element {
  const send = useAction(async () => {
    await reelgate.me.verifyEmail();
    toast(`A mail with a link is on its way to ${me.email ?? "you"}.`);
  });
  return (
    <Note kind="warning">
      <p>Your address is not verified yet, so we send you no other mails: neither about limits nor about finished MP3s.</p>
      {send.error !== null && <ErrorMessage error={send.error} />}
      <div class="row">
        <Button small icon="mail" busy={send.busy} onClick={() => void send.run()}>
          Send me the link
        </Button>
        <Button small kind="quiet" onClick={onReload}>
          I have followed it
        </Button>
      </div>
    </Note>
  );
}
