import type { JSX } from "preact";
import { signOut } from "../../app/session.ts";
import { Button, Dialog } from "../../ui/index.ts";
import { SignInForm } from "./sign_in_form.tsx";

/** Over the page of somebody whose session has ended. Nothing of the page is lost, and uploads go on afterwards. */
export function SignInAgain({ email }: { email: string }): JSX.Element {
  return (
    <Dialog title="Sign in again" modalOnly onClose={() => undefined}>
      <p>Your session has ended. Sign in to go on where you were; uploads go on, too.</p>
      <SignInForm email={email} />
      <div>
        <Button small kind="quiet" onClick={() => void signOut()}>
          Use another account
        </Button>
      </div>
    </Dialog>
  );
}
