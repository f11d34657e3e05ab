import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, ErrorMessage, Note, TextField } from "../../ui/index.ts";

/** Has a mail sent with which a forgotten password can be replaced. The answer is the same for every address. */
export function ForgottenPassword(): JSX.Element {
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { busy, error, run } = useAction(async () => {
    await reelgate.auth.resetPassword(email.trim());
    setSentTo(email.trim());
  });
  if (sentTo !== null) {
    return (
      <div role="status">
        <Note>
          <p>
            If <strong>{sentTo}</strong> has an account here, a mail is on its way. Follow its link to choose another password, then sign in.
          </p>
          <p>Nothing after some minutes? Look among unwanted mails, or check the address.</p>
        </Note>
      </div>
    );
  }
  return (
    <form class="form" onSubmit={(event) => (event.preventDefault(), void run())}>
      <p>We send you a mail with a link to choose another password.</p>
      <TextField label="E-mail address" type="email" name="email" autocomplete="username" required autofocus value={email} onInput={setEmail} />
      {error !== null && <ErrorMessage error={error} />}
      <Button kind="primary" type="submit" busy={busy}>
        Send the mail
      </Button>
    </form>
  );
}
