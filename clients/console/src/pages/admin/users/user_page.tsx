import type { User } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reelgate } from "../../../app/client.ts";
import { useLoad } from "../../../app/load.ts";
import type { PageProps } from "../../../app/pages.ts";
import { hrefTo, navigate } from "../../../app/router.ts";
import { formatBytes } from "../../../format/bytes.ts";
import { formatDay } from "../../../format/dates.ts";
import { ButtonLink, ErrorMessage, Facts, Icon, Loading, Meter, PageHeader, Section, toast } from "../../../ui/index.ts";
import { AccessSection } from "./access_section.tsx";
import { DeleteUser } from "./delete_user.tsx";
import { LimitsSection } from "./limits_section.tsx";
import { UserBadges } from "./users_page.tsx";

/** One user, and what an admin can do about them. */
export default function UserPage({ params: { id = "" } }: PageProps): JSX.Element {
  const user = useLoad((signal) => reelgate.admin.users.get(id, signal), [id]);
  const back = (
    <a class="back" href={hrefTo("/admin/users")}>
      <Icon name="back" size={16} /> All users
    </a>
  );
  if (!user.data) {
    return (
      <>
        <PageHeader title="User" back={back} />
        {user.error !== null ? <ErrorMessage error={user.error} onRetry={user.reload} /> : <Loading />}
      </>
    );
  }
  return <Shown user={user.data} back={back} onChanged={user.set} onReload={user.reload} />;
}

interface ShownProps {
  user: User;
  back: JSX.Element;
  onChanged: (user: User) => void;
  onReload: () => void;
}

function Shown({ user, back, onChanged, onReload }: ShownProps): JSX.Element {
  const [deleting, setDeleting] = useState(false);
  const name = user.email ?? user.user_id;
  return (
    <>
      <PageHeader title={name} back={back} actions={<UserBadges user={user} />} />
      <Section title="Profile">
        <Facts
          facts={[
            ["Name", user.username ?? "none"],
            ["E-mail address", user.email ?? "not known"],
            ["Address verified", user.email_verified === null ? "the issuer knows" : user.email_verified ? "yes" : "no"],
            ["Since", user.created_at ? formatDay(user.created_at) : "not known"],
            ["User id", <code key="id">{user.user_id}</code>],
          ]}
        />
        <div class="user-meters">
          <Meter label="Storage" value={user.storage_used} max={user.limits.storage} text={`${formatBytes(user.storage_used)} of ${formatBytes(user.limits.storage)}`} />
          <Meter label="Data today" value={user.bandwidth_used} max={user.limits.bandwidth} text={`${formatBytes(user.bandwidth_used)} of ${formatBytes(user.limits.bandwidth)}`} />
        </div>
        <div class="row">
          <ButtonLink small icon="audit" href={hrefTo("/admin/audit", { who: user.user_id })}>What happened</ButtonLink>
          <ButtonLink small icon="usage" href={hrefTo("/admin/usage", { user: user.user_id })}>Usage</ButtonLink>
          <ButtonLink small icon="mail" href={hrefTo("/admin/deliveries", { user: user.user_id })}>Mails and webhooks</ButtonLink>
        </div>
      </Section>
      <LimitsSection key={JSON.stringify(user.limits)} user={user} onChanged={onChanged} onReload={onReload} />
      <AccessSection user={user} onChanged={onChanged} onDelete={() => setDeleting(true)} />
      {deleting && (
        <DeleteUser
          user={user}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            toast(`${name} is deleted.`);
            navigate("/admin/users", {}, { replace: true });
          }}
        />
      )}
    </>
  );
}
