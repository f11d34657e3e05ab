import type { JSX } from "preact";
import { PageHeader } from "../../ui/index.ts";

export default function UploadPage(): JSX.Element {
  return <PageHeader title="Upload" />;
}
