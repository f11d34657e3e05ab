import type { JSX } from "preact";
import { UsageMeters } from "../../app/usage.tsx";
import { PageHeader, Section } from "../../ui/index.ts";

export default function UsagePage(): JSX.Element {
  return (
    <>
      <PageHeader title="Usage" />
      <Section title="Now">
        <UsageMeters />
      </Section>
    </>
  );
}
