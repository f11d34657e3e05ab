import { ReelgateError } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { HOME } from "../../app/pages.ts";
import { navigate } from "../../app/router.ts";
import { Button, ErrorMessage, fieldErrors, TextField, toast } from "../../ui/index.ts";

/** The fields that a refusal is about, where it does not name them itself. */
const FIELD_OF: Readonly<Record<string, string>> = { email_taken: "email", username_taken: "username", weak_password: "password" };

/** Creates an account, and signs in. */
export function Register(): JSX.Element {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useAction(async () => {
    await reelgate.auth.register(email.trim(), password, name.trim());
    navigate(HOME, {}, { replace: true });
    toast("Welcome. Your account is ready.");
  });
  const wrong: Record<string, string> = { ...fieldErrors(error) };
  const field = error instanceof ReelgateError ? FIELD_OF[error.code] : undefined;
  if (field && error instanceof ReelgateError) wrong[field] ??= error.message;
  const shownAtField = ["email", "username", "password"].some((one) => wrong[one]);
  return (
    <form class="form" onSubmit={(event) => (event.preventDefault(), void run())}>
      <TextField label="E-mail address" type="email" name="email" autocomplete="username" required autofocus value={email} onInput={setEmail} error={wrong["email"]} />
      <TextField label="Name" name="username" autocomplete="nickname" required value={name} onInput={setName} error={wrong["username"]} hint="2 to 40 letters or digits. It cannot be changed later." />
      <TextField
        label="Password"
        type="password"
        name="password"
        autocomplete="new-password"
        required
        value={password}
        onInput={setPassword}
        error={wrong["password"]}
        hint="At least 8 characters. A few words that belong to nobody else are best."
      />
      {error !== null && !shownAtField && <ErrorMessage error={error} />}
      <Button kind="primary" type="submit" busy={busy}>
        Create the account
      </Button>
    </form>
  );
}
