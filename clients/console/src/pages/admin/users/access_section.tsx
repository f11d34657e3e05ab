import type { User } from "@reelgate/client";
import type { JSX } from "preact";
import { useAction } from "../../../app/action.ts";
import { reelgate } from "../../../app/client.ts";
import { formatTime } from "../../../format/dates.ts";
import { Button, ErrorMessage, Note, Section, confirm, toast } from "../../../ui/index.ts";

/** Role, disabling, deleting. */
export function AccessSection({ user, onChanged, onDelete }: { user: User; onChanged: (user: User) => void; onDelete: () => void }): JSX.Element {
  const name = user.email ?? user.user_id;
  const self = reelgate.auth.session?.userId === user.user_id;
  const role = useAction(async () => {
    const admin = user.role === "admin";
    const question = {
      title: admin ? `Take the rights of an administrator from ${name}?` : `Make ${name} an administrator?`,
      text: admin
        ? "They cannot see or change other users any more, at once."
        : "Administrators see and change all users, their usage and the audit log. Make sure that it is the right account: an address proves nothing as long as it is not verified.",
      action: admin ? "Take the rights" : "Make administrator",
      danger: !admin,
    };
    if (!(await confirm(question))) return;
    const changed = await reelgate.admin.users.update(user.user_id, { role: admin ? "user" : "admin" });
    onChanged(changed);
    const from = changed.role_effective_at;
    toast(from ? `The role is changed. The last sign-in with the old one ends at ${formatTime(from)}.` : "The role is changed.");
  });
  const access = useAction(async () => {
    const question = user.disabled
      ? { title: `Enable ${name}?`, text: "They can sign in, upload, watch and share again.", action: "Enable" }
      : {
          title: `Disable ${name}?`,
          text: "They get nothing new at once: no uploads, no watching, no sharing, no sign-in. Nothing is deleted. Links that were given before work until they expire.",
          action: "Disable",
          danger: true,
        };
    if (!(await confirm(question))) return;
    onChanged(await reelgate.admin.users.update(user.user_id, { disabled: !user.disabled }));
    toast(user.disabled ? `${name} is enabled.` : `${name} is disabled.`);
  });
  const error = role.error ?? access.error;
  return (
    <Section title="Access">
      {self && <Note>This is your own account. Another administrator can change its role, disable it or delete it.</Note>}
      {user.role === null && <Note>This user signs in at another issuer, where their role is set.</Note>}
      {error !== null && <ErrorMessage error={error} />}
      <div class="row">
        {user.role !== null && (
          <Button busy={role.busy} disabled={self} onClick={() => void role.run()}>
            {user.role === "admin" ? "Make a plain user" : "Make administrator"}
          </Button>
        )}
        <Button busy={access.busy} disabled={self} onClick={() => void access.run()}>
          {user.disabled ? "Enable" : "Disable"}
        </Button>
        <Button kind="danger" icon="trash" disabled={self} onClick={onDelete}>
          Delete
        </Button>
      </div>
    </Section>
  );
}
