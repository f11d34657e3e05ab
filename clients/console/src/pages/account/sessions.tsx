import type { JSX } from "preact";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { signOut } from "../../app/session.ts";
import { Button, ErrorMessage, Section, confirm } from "../../ui/index.ts";

/** End the sessions of all devices. */
export function SessionsSection(): JSX.Element {
  const end = useAction(async () => {
    await reelgate.request("DELETE", "/v1/me/sessions");
    await signOut();
  });
  const ask = async () => {
    const question = {
      title: "Sign out everywhere?",
      text: "Every device has to sign in again, this one as well. What others have open may go on for up to an hour.",
      action: "Sign out everywhere",
    };
    if (await confirm(question)) await end.run();
  };
  return (
    <Section
      title="Devices"
      lead="If you have lost a device, or used one that is not yours. API keys go on working; revoke them one by one."
      actions={
        <Button icon="exit" busy={end.busy} onClick={() => void ask()}>
          Sign out everywhere
        </Button>
      }
    >
      {end.error !== null && <ErrorMessage error={end.error} />}
    </Section>
  );
}
