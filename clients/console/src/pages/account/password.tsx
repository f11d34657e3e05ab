import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, ErrorMessage, Section, TextField, fieldErrors, toast } from "../../ui/index.ts";

/** Set another password. It ends every session; this one goes on with the new password. */
export function PasswordSection({ email }: { email: string | null }): JSX.Element {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useAction(async () => {
    await reelgate.me.setPassword(current, next);
    const chosen = next;
    setCurrent("");
    setNext("");
    if (email !== null) await reelgate.auth.signIn(email, chosen);
    toast("Your password is changed. All other devices are signed out.");
  });
  const wrong = fieldErrors(change.error);
  return (
    <Section title="Password" lead="Whoever changes it must know the present one. All other devices are signed out.">
      <form
        class="form narrow"
        onSubmit={(event) => {
          event.preventDefault();
          void change.run();
        }}
      >
        {email !== null && (
          <div class="visually-hidden" aria-hidden="true">
            <input type="email" autocomplete="username" value={email} readOnly tabIndex={-1} />
          </div>
        )}
        <TextField label="Present password" type="password" autocomplete="current-password" required value={current} onInput={setCurrent} error={wrong.current_password} />
        <TextField label="New password" type="password" autocomplete="new-password" required value={next} onInput={setNext} error={wrong.new_password} />
        {change.error !== null && <ErrorMessage error={change.error} />}
        <div class="form-actions">
          <Button type="submit" busy={change.busy} disabled={current === "" || next === ""}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}
