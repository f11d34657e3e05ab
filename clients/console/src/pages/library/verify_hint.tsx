import type { Session } from "@reelgate/client";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, ErrorMessage, Note } from "../../ui/index.ts";

/** Asks somebody whose address is not confirmed to follow the link in our mail; goes away once they have. */
export function VerifyHint({ user }: { user: Session }): JSX.Element | null {
  const [verified, setVerified] = useState(user.emailVerified !== false); // null: another issuer knows
  const [sent, setSent] = useState(false);
  const action = useWork();
  useEffect(() => {
    if (verified) return;
    const stop = new AbortController();
    const ask = () => {
      if (document.hidden) return;
      reelgate.me.get(stop.signal).then(
        (me) => setVerified(me.email_verified !== false),
        () => undefined, // the hint stays
      );
    };
    document.addEventListener("visibilitychange", ask, { signal: stop.signal });
    return () => stop.abort();
  }, [verified]);
  if (verified) return null;
  const send = async () => setSent(await action.run(() => reelgate.me.verifyEmail()));
  return (
    <div class="banner">
      <Note>
        <p>
          Please confirm your address: follow the link in the mail that we have sent to <strong>{user.email}</strong>. Until then, you get no other mails from us.
        </p>
        {sent ? (
          <p role="status">The mail is on its way.</p>
        ) : (
          <Button small busy={action.busy} onClick={() => void send()}>
            Send it again
          </Button>
        )}
        {action.error !== null && <ErrorMessage error={action.error} />}
      </Note>
    </div>
  );
}
