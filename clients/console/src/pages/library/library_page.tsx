import type { JSX } from "preact";
import { PageHeader } from "../../ui/index.ts";

export default function LibraryPage(): JSX.Element {
  return <PageHeader title="Library" />;
}
