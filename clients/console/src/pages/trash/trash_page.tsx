import type { Trash, Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { refreshUsage } from "../../app/usage.tsx";
import { formatBytes } from "../../format/bytes.ts";
import { formatDay, formatRelative, formatTime } from "../../format/dates.ts";
import { Button, confirm, EmptyState, ErrorMessage, Loading, Meter, PageHeader, Pager, sentenceOf, Table, toast, usePages } from "../../ui/index.ts";
import { Poster, titleOf } from "../library/video_card.tsx";

/** Deleted videos: restore them, remove them for good, and what they take up. */
export default function TrashPage(): JSX.Element {
  const [room, setRoom] = useState<Pick<Trash, "trash" | "trash_limit"> | null>(null);
  const list = usePages<Video>(
    async (cursor, signal) => {
      const page = await reelgate.trash.list({ cursor, limit: 50 }, signal);
      setRoom(page);
      return page;
    },
    (video) => video.video_id,
    [],
  );
  const emptying = useWork();
  const gone = (video: Video) => {
    list.update((items) => items.filter((one) => one.video_id !== video.video_id));
    setRoom((now) => now && { ...now, trash: now.trash === null ? null : Math.max(0, now.trash - video.size) });
    void refreshUsage();
  };
  const empty = async () => {
    const sure = await confirm({
      title: "Empty the trash",
      text: "Everything in the trash will be removed for good. It cannot be brought back, by nobody.",
      action: "Empty the trash",
      danger: true,
    });
    if (!sure) return;
    const done = await emptying.run(() => reelgate.trash.empty());
    list.reload();
    void refreshUsage();
    if (done) toast("The trash is empty.");
  };
  const isEmpty = list.begun && list.items.length === 0 && !list.loading && list.error === null;

  return (
    <>
      <PageHeader
        title="Trash"
        actions={
          list.items.length > 0 && (
            <Button icon="trash" busy={emptying.busy} onClick={() => void empty()}>
              Empty the trash
            </Button>
          )
        }
      >
        <p class="quiet-text">Videos in the trash do not count as your storage. After some days they are removed for good, or earlier if the trash is full: the oldest first.</p>
      </PageHeader>
      {emptying.error !== null && <ErrorMessage error={emptying.error} onRetry={() => void empty()} />}
      {room && room.trash !== null && list.items.length > 0 && (
        <div class="trash-room">
          <Meter label="Room in the trash" value={room.trash} max={room.trash_limit} text={`${formatBytes(room.trash)} of ${formatBytes(room.trash_limit)}`} />
        </div>
      )}
      {!list.begun && list.loading && <Loading label="Loading the trash" />}
      {isEmpty && (
        <EmptyState icon="trash" title="The trash is empty">
          A video that you delete comes here first, so that you can take it back.
        </EmptyState>
      )}
      {list.items.length > 0 && (
        <section class="section" aria-label="Videos in the trash">
          <Table
            caption="Videos in the trash"
            rows={list.items}
            keyOf={(video) => video.video_id}
            columns={[
              {
                title: "Video",
                heading: true,
                cell: (video) => (
                  <span class="named">
                    <Poster video={video} small />
                    <span>{titleOf(video)}</span>
                  </span>
                ),
              },
              { title: "Size", number: true, cell: (video) => formatBytes(video.size) },
              { title: "Deleted", cell: (video) => video.deleted_at && <time title={formatTime(video.deleted_at)}>{formatRelative(video.deleted_at)}</time> },
              { title: "Gone for good", cell: (video) => (video.purge_at ? <time title={formatTime(video.purge_at)}>{formatDay(video.purge_at)}</time> : "–") },
              { title: "Actions", actions: true, cell: (video) => <Actions video={video} onGone={gone} /> },
            ]}
          />
        </section>
      )}
      <Pager list={list} auto noun="videos" />
    </>
  );
}

function Actions({ video, onGone }: { video: Video; onGone: (video: Video) => void }): JSX.Element {
  const action = useWork();
  const restore = async () => {
    if (!(await action.run(() => reelgate.videos.restore(video.video_id)))) return;
    onGone(video);
    toast(`“${titleOf(video)}” is back in the library.`);
  };
  const purge = async () => {
    const sure = await confirm({ title: "Delete for good", text: `“${titleOf(video)}” will be gone. It cannot be brought back, by nobody.`, action: "Delete for good", danger: true });
    if (!sure || !(await action.run(() => reelgate.trash.purge(video.video_id)))) return;
    onGone(video);
    toast(`“${titleOf(video)}” was deleted for good.`);
  };
  const name = <span class="visually-hidden"> {titleOf(video)}</span>;
  return (
    <>
      <Button small icon="restore" busy={action.busy} onClick={() => void restore()}>
        Restore{name}
      </Button>
      <Button small onClick={() => void purge()}>
        Delete for good{name}
      </Button>
      {action.error !== null && (
        <p class="field-error" role="alert">
          {sentenceOf(action.error)}
        </p>
      )}
    </>
  );
}
