import type { Me } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { usePolling } from "../../app/load.ts";
import { signOut } from "../../app/session.ts";
import { Button, Dialog, ErrorMessage, Loading, Note, Section, TextField } from "../../ui/index.ts";

type Step = "asking" | "deleting" | "deleted";

/** The end of the account. */
export function DeleteSection({ me }: { me: Me }): JSX.Element {
  const [open, setOpen] = useState(false);
  const admin = me.role === "admin";
  return (
    <Section
      title="Delete my account"
      lead="All videos, the trash, links, usage, keys and your sign-in are removed for good."
      actions={
        !admin && (
          <Button kind="danger" icon="trash" onClick={() => setOpen(true)}>
            Delete my account
          </Button>
        )
      }
    >
      {admin && <Note>Administrators cannot delete themselves, so that one always remains. Ask another one to do it.</Note>}
      {open && <DeleteDialog me={me} onClose={() => setOpen(false)} />}
    </Section>
  );
}

function DeleteDialog({ me, onClose }: { me: Me; onClose: () => void }): JSX.Element {
  const [step, setStep] = useState<Step>("asking");
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  const goOn = async () => setStep((await reelgate.me.delete()) === undefined ? "deleted" : "deleting");
  const begin = useAction(async () => {
    // It needs a sign-in of the last five minutes, and the password is what shows that it is the user who asks.
    await reelgate.auth.signIn(me.email ?? "", password);
    await goOn();
  });
  usePolling(step === "deleting", goOn); // repeating it continues the work at once
  const matches = me.email !== null && typed.trim().toLowerCase() === me.email.toLowerCase();

  if (step === "deleted") {
    return (
      <Dialog
        title="Your account is deleted"
        onClose={() => void signOut()}
        modalOnly
        actions={
          <Button kind="primary" onClick={() => void signOut()}>
            Close
          </Button>
        }
      >
        <p>Nothing that names you is left here. Thank you for having been with us.</p>
      </Dialog>
    );
  }
  if (step === "deleting") {
    return (
      <Dialog title="Your account is being deleted" onClose={onClose} modalOnly actions={<Button onClick={() => void signOut()}>Close this page</Button>}>
        <Loading label="The deletion has begun; the rest follows within minutes" />
        <p>You can close this page: it goes on without you, and cannot be stopped.</p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Delete my account for good"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep my account</Button>
          <Button kind="danger" busy={begin.busy} disabled={!matches || password === ""} onClick={() => void begin.run()}>
            Delete everything
          </Button>
        </>
      }
    >
      <p>This is final. Nobody can bring it back, not even support. These go:</p>
      <ul>
        <li>all videos, captions, MP3s and everything in the trash</li>
        <li>all links that you have shared: they stop working</li>
        <li>your usage and its history, API keys and settings</li>
        <li>your name, your address, and how you sign in</li>
      </ul>
      <p>Download your data and your videos before, if you want to keep them.</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (matches && password !== "") void begin.run();
        }}
      >
        <TextField label={`To be sure, type your address: ${me.email ?? ""}`} type="email" autocomplete="off" value={typed} onInput={setTyped} />
        <TextField label="Your password" type="password" autocomplete="current-password" value={password} onInput={setPassword} />
        {begin.error !== null && <ErrorMessage error={begin.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
