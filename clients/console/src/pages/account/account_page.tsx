import type { JSX } from "preact";
import type { PageProps } from "../../app/pages.ts";
import { Facts, PageHeader, Section } from "../../ui/index.ts";

export default function AccountPage({ user }: PageProps): JSX.Element {
  return (
    <>
      <PageHeader title="Account" />
      <Section title="You">
        <Facts facts={[["E-mail address", user.email ?? "–"]]} />
      </Section>
    </>
  );
}
