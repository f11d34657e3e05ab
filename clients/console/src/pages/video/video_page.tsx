import type { JSX } from "preact";
import { PageHeader } from "../../ui/index.ts";

export default function VideoPage(): JSX.Element {
  return <PageHeader title="Video" />;
}
