import type { ReelgateUploaderElement, UploaderItem } from "@reelgate/client/uploader";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { uploads } from "../../app/background.ts";
import { reelgate } from "../../app/client.ts";
import type { PageProps } from "../../app/pages.ts";
import { refreshUsage } from "../../app/usage.tsx";
import { ButtonLink, ErrorMessage, Loading, PageHeader, toast } from "../../ui/index.ts";

const OVER: readonly UploaderItem["state"][] = ["ready", "failed", "cancelled"];

/** Uploads many files at once. The page stays while the user is elsewhere, so that they go on. */
export default function UploadPage({ active }: PageProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(active);
  shown.current = active;
  const [phase, setPhase] = useState<"loading" | "ready">("loading");
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(0);

  const load = async () => {
    setError(null);
    try {
      await import("@reelgate/client/uploader");
      const element: ReelgateUploaderElement = document.createElement("reelgate-uploader");
      element.client = reelgate;
      element.multiple = true;
      element.addEventListener("queuechange", ({ detail }) => uploads.set({ running: detail.items.filter((item) => !OVER.includes(item.state)).length }));
      element.addEventListener("ready", ({ detail }) => {
        setDone((now) => now + 1);
        void refreshUsage();
        if (!shown.current) toast(`“${detail.file.name}” is in the library.`);
      });
      element.addEventListener("uploaderror", ({ detail }) => {
        if (!shown.current) toast(`${detail.file ? `${detail.file.name}: ` : ""}${detail.message}`, { kind: "error" });
      });
      place.current?.replaceChildren(element);
      setPhase("ready");
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => void load(), []);

  return (
    <>
      <PageHeader
        title="Upload"
        active={active}
        actions={
          done > 0 && (
            <ButtonLink kind="primary" icon="library" href="#/library">
              Go to the library
            </ButtonLink>
          )
        }
      >
        <p class="quiet-text">As many videos and sound files as you like. They go on while you look at other pages, and after a lost connection by themselves.</p>
      </PageHeader>
      {error !== null ? <ErrorMessage error={error} onRetry={() => void load()} /> : phase === "loading" && <Loading label="Getting ready" />}
      <div ref={place} class="uploader" />
    </>
  );
}
