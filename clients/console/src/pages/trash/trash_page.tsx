import type { JSX } from "preact";
import { PageHeader } from "../../ui/index.ts";

export default function TrashPage(): JSX.Element {
  return <PageHeader title="Trash" />;
}
