import type { JSX } from "preact";
import { reelgate } from "../../app/client.ts";
import { useLoad } from "../../app/load.ts";
import { ErrorMessage, Loading, PageHeader } from "../../ui/index.ts";
import { ApiKeysSection } from "./api_keys.tsx";
import { DeleteSection } from "./delete_account.tsx";
import { ExportSection } from "./export_section.tsx";
import { MailsSection } from "./mails.tsx";
import { PasswordSection } from "./password.tsx";
import { ProfileSection } from "./profile.tsx";
import { SessionsSection } from "./sessions.tsx";

/** Who the user is, how they sign in, which mails they get, keys for programs, and the ways out. */
export default function AccountPage(): JSX.Element {
  const me = useLoad((signal) => reelgate.me.get(signal), []);
  return (
    <>
      <PageHeader title="Account" />
      {me.error !== null && <ErrorMessage error={me.error} onRetry={me.reload} />}
      {me.data ? (
        <>
          <ProfileSection me={me.data} onReload={me.reload} />
          <PasswordSection email={me.data.email} />
          <SessionsSection />
          <MailsSection me={me.data} onChanged={me.set} />
          <ApiKeysSection />
          <ExportSection />
          <DeleteSection me={me.data} />
        </>
      ) : (
        me.error === null && <Loading />
      )}
    </>
  );
}
