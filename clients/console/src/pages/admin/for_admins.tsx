import type { JSX } from "preact";
import { ButtonLink, EmptyState, PageHeader } from "../../ui/index.ts";

/** What others see at the address of a page for administrators, for example after following a link. */
export default function ForAdmins(): JSX.Element {
  return (
    <>
      <PageHeader title="Not for your account" />
      <EmptyState icon="users" title="This page is for administrators" action={<ButtonLink href="#/library">To my videos</ButtonLink>}>
        Your account does not have it. If it should, ask an administrator, then sign out and in again.
      </EmptyState>
    </>
  );
}
