import { ReelgateError } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { Button, ErrorMessage, TextField } from "../../ui/index.ts";

/** Asks for address and password. With `email`, that address is fixed: the same user signs in again. */
export function SignInForm({ email: fixed, action = "Sign in", onDone }: { email?: string; action?: string; onDone?: () => void }): JSX.Element {
  const [email, setEmail] = useState(fixed ?? "");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useAction(async () => {
    try {
      await reelgate.auth.signIn(email.trim(), password);
    } catch (failure) {
      if (failure instanceof ReelgateError && failure.code === "invalid_credentials") setPassword("");
      throw failure;
    }
    onDone?.();
  });
  return (
    <form class="form" onSubmit={(event) => (event.preventDefault(), void run())}>
      <TextField
        label="E-mail address"
        type="email"
        name="email"
        autocomplete="username"
        required
        readOnly={fixed !== undefined}
        autofocus={fixed === undefined}
        value={email}
        onInput={setEmail}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autocomplete="current-password"
        required
        autofocus={fixed !== undefined}
        value={password}
        onInput={setPassword}
      />
      {error !== null && <ErrorMessage error={error} />}
      <Button kind="primary" type="submit" busy={busy}>
        {action}
      </Button>
    </form>
  );
}
