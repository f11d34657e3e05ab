import { ReelgateError, type Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { useLoad, usePolling } from "../../app/load.ts";
import { HOME, type PageProps } from "../../app/pages.ts";
import { navigate } from "../../app/router.ts";
import { saveFrom } from "../../app/save.ts";
import { refreshUsage } from "../../app/usage.tsx";
import { formatBytes } from "../../format/bytes.ts";
import { Button, ButtonLink, EmptyState, ErrorMessage, Icon, Loading, Note, PageHeader, sentenceOf, toast } from "../../ui/index.ts";
import { titleOf, VideoState } from "../library/video_card.tsx";
import { AudioSection } from "./audio_section.tsx";
import { CaptionsSection } from "./captions_section.tsx";
import { Details } from "./details.tsx";
import { PlayerBox } from "./player_box.tsx";
import { RenameDialog } from "./rename_dialog.tsx";
import { ShareSection } from "./share_section.tsx";

/** One video: watch it, share it, and everything that belongs to it. */
export default function VideoPage({ params }: PageProps): JSX.Element {
  const id = params["id"] ?? "";
  const { data: video, error, loading, reload, set } = useLoad((signal) => reelgate.videos.get(id, signal), [id]);
  const isBeingMade = video !== null && (video.state === "processing" || [video.audio.state, video.playback.state].some((state) => state === "queued" || state === "running"));
  usePolling(isBeingMade, async (signal) => set(await reelgate.videos.get(id, signal)));

  if (!video) {
    if (loading) return <Loading label="Loading the video" />;
    if (error instanceof ReelgateError && error.status === 404) return <NoVideo />;
    return <ErrorMessage error={error} onRetry={reload} />;
  }
  if (video.state === "trashed") return <Trashed video={video} onRestored={set} />;
  return (
    <>
      <Header video={video} onChange={set} />
      {error !== null && <ErrorMessage error={error} onRetry={reload} />}
      <div class="video-page">
        <div class="column">
          <PlayerBox key={video.video_id} video={video} />
          {video.state === "processing" && (
            <Note>
              <p>This video is being prepared. It can be watched already; its picture, its MP3 and more appear here by themselves.</p>
            </Note>
          )}
          {video.media.state === "failed" && (
            <Note kind="warning">
              <p>The file could not be read as a video or sound. It is stored as it was uploaded, and can be downloaded.</p>
            </Note>
          )}
          <ShareSection video={video} />
          <CaptionsSection video={video} onChange={reload} />
        </div>
        <div class="column">
          <AudioSection video={video} onChange={set} />
          <Details video={video} onChange={set} />
        </div>
      </div>
    </>
  );
}

function Back(): JSX.Element {
  return (
    <a class="back" href={`#${HOME}`} onClick={(event) => history.length > 1 && (event.preventDefault(), history.back())}>
      <Icon name="back" size={16} /> Library
    </a>
  );
}

function Header({ video, onChange }: { video: Video; onChange: (video: Video) => void }): JSX.Element {
  const [renames, setRenames] = useState(false);
  const download = useWork();
  const removal = useWork();
  const save = () =>
    download.run(async () => {
      await saveFrom((await reelgate.videos.url(video.video_id, { download: true })).url);
      void refreshUsage();
    });
  const remove = async () => {
    if (!(await removal.run(() => reelgate.videos.delete(video.video_id)))) return;
    navigate(HOME, {}, { replace: true });
    void refreshUsage();
    toast(`“${titleOf(video)}” is in the trash.`, { action: { label: "Undo", run: () => void undo(video) } });
  };
  return (
    <PageHeader
      title={titleOf(video)}
      back={<Back />}
      actions={
        <>
          <Button icon="edit" onClick={() => setRenames(true)}>
            Rename
          </Button>
          <Button icon="download" busy={download.busy} onClick={() => void save()}>
            Download
          </Button>
          <Button icon="trash" busy={removal.busy} onClick={() => void remove()}>
            Delete
          </Button>
        </>
      }
    >
      <VideoState video={video} />
      {download.error !== null && <ErrorMessage error={download.error} onRetry={() => void save()} />}
      {removal.error !== null && <ErrorMessage error={removal.error} onRetry={() => void remove()} />}
      {renames && <RenameDialog video={video} onClose={() => setRenames(false)} onChange={onChange} />}
    </PageHeader>
  );
}

/** Takes a video back from the trash, right after it went there. */
async function undo(video: Video): Promise<void> {
  try {
    await reelgate.videos.restore(video.video_id);
    navigate(`/videos/${encodeURIComponent(video.video_id)}`);
    void refreshUsage();
  } catch (error) {
    toast(`It is still in the trash. ${sentenceOf(error)}`, { kind: "error" });
  }
}

function Trashed({ video, onRestored }: { video: Video; onRestored: (video: Video) => void }): JSX.Element {
  const action = useWork();
  const restore = () => action.run(async () => onRestored(await reelgate.videos.restore(video.video_id)));
  return (
    <>
      <PageHeader title={titleOf(video)} back={<Back />} />
      <EmptyState
        icon="trash"
        title="This video is in the trash"
        action={
          <Button kind="primary" icon="restore" busy={action.busy} onClick={() => void restore()}>
            Restore it
          </Button>
        }
      >
        It cannot be watched or changed there. Restored, it needs {formatBytes(video.size)} of your storage. Links to it that were given out have ended.
      </EmptyState>
      {action.error !== null && <ErrorMessage error={action.error} />}
    </>
  );
}

function NoVideo(): JSX.Element {
  return (
    <>
      <PageHeader title="No such video" />
      <EmptyState
        icon="help"
        title="You have no such video"
        action={
          <ButtonLink kind="primary" href={`#${HOME}`}>
            Go to the library
          </ButtonLink>
        }
      >
        It was removed for good, or the address is not complete.
      </EmptyState>
    </>
  );
}
