import type { User } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { usePolling } from "../../../app/load.ts";
import { hrefTo } from "../../../app/router.ts";
import { Button, Dialog, ErrorMessage, Loading, TextField } from "../../../ui/index.ts";

/** Deletes a user, after their address was typed. */
export function DeleteUser({ user, onClose, onDeleted }: { user: User; onClose: () => void; onDeleted: () => void }): JSX.Element {
  const [typed, setTyped] = useState("");
  const [underWay, setUnderWay] = useState(false);
  const name = user.email ?? user.user_id;
  const goOn = async () => {
    if ((await reelgate.admin.users.delete(user.user_id)) === undefined) onDeleted();
    else setUnderWay(true);
  };
  const begin = useAction(goOn);
  usePolling(underWay, goOn); // repeating it continues the work at once
  const matches = typed.trim().toLowerCase() === name.toLowerCase();
  if (underWay) {
    return (
      <Dialog title={`${name} is being deleted`} onClose={onDeleted} actions={<Button onClick={onDeleted}>Close</Button>}>
        <Loading label="The deletion has begun; the rest follows within minutes" />
        <p>It goes on by itself, and cannot be stopped.</p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={`Delete ${name} for good`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={begin.busy} disabled={!matches} onClick={() => void begin.run()}>
            Delete for good
          </Button>
        </>
      }
    >
      <p>
        All videos, links, usage, keys and the sign-in of this user are removed. It cannot be undone. The audit log keeps what happened under
        a pseudonym.
      </p>
      <p>
        Their usage goes, too: <a href={hrefTo("/admin/usage", { user: user.user_id })}>fetch what they are to be billed</a> before.
      </p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (matches) void begin.run();
        }}
      >
        <TextField label={`To be sure, type: ${name}`} autocomplete="off" value={typed} onInput={setTyped} />
        {begin.error !== null && <ErrorMessage error={begin.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
