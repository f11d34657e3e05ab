import type { Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reelgate } from "../../app/client.ts";
import { usePolling } from "../../app/load.ts";
import type { PageProps } from "../../app/pages.ts";
import { navigate } from "../../app/router.ts";
import { ButtonLink, EmptyState, Loading, PageHeader, Pager, SelectField, TextField, usePages } from "../../ui/index.ts";
import { DEFAULT_SORT, listVideos, SORTS, STATES, TYPES, type Wanted } from "./videos_query.ts";
import { VerifyHint } from "./verify_hint.tsx";
import { VideoCard } from "./video_card.tsx";

const POLLED_AT_ONCE = 12;
const SEARCH_AFTER_MILLISECONDS = 300;

/** The user's videos: searched, sorted, filtered. What is asked for is in the address, so that "back" returns to it. */
export default function LibraryPage({ query, user }: PageProps): JSX.Element {
  const wanted: Wanted = {
    search: query.get("search") ?? "",
    sort: SORTS.find((one) => one.value === query.get("sort"))?.value ?? DEFAULT_SORT,
    state: STATES.find((one) => one.value === query.get("state"))?.value ?? "",
    type: TYPES.find((one) => one.value === query.get("type"))?.value ?? "",
  };
  const list = usePages(
    (cursor, signal) => listVideos(wanted, cursor, signal),
    (video: Video) => video.video_id,
    [wanted.search, wanted.sort, wanted.state, wanted.type],
  );
  const change = (changes: Partial<Wanted>) => {
    const { sort, ...others } = { ...wanted, ...changes };
    navigate("/library", { ...others, sort: sort === DEFAULT_SORT ? "" : sort }, { replace: true });
  };
  const filtered = Boolean(wanted.search || wanted.state || wanted.type);
  usePolling(list.items.some(isBeingMade), async (signal) => {
    const unfinished = list.items.filter(isBeingMade).slice(0, POLLED_AT_ONCE);
    const newest = await Promise.all(unfinished.map((video) => reelgate.videos.get(video.video_id, signal).catch(() => video)));
    const byId = new Map(newest.map((video) => [video.video_id, video]));
    list.update((items) => items.map((video) => byId.get(video.video_id) ?? video));
  });

  return (
    <>
      <PageHeader
        title="Library"
        actions={
          <ButtonLink kind="primary" icon="upload" href="#/upload">
            Upload
          </ButtonLink>
        }
      />
      <VerifyHint user={user} />
      <Filters wanted={wanted} change={change} />
      {list.items.length > 0 && (
        <ul class={list.loading && !list.hasMore ? "videos stale" : "videos"} aria-label="Videos">
          {list.items.map((video) => (
            <li key={video.video_id}>
              <VideoCard video={video} />
            </li>
          ))}
        </ul>
      )}
      {list.items.length === 0 && list.loading && <Loading label="Loading your videos" />}
      {list.items.length === 0 && list.begun && !list.loading && list.error === null && (filtered ? <NothingFound reset={() => change({ search: "", state: "", type: "" })} /> : <NoVideos />)}
      <Pager list={list} auto noun="videos" />
      <p class="visually-hidden" role="status">
        {list.begun && !list.loading ? `${list.items.length}${list.hasMore ? " or more" : ""} ${list.items.length === 1 ? "video" : "videos"}` : ""}
      </p>
    </>
  );
}

/** Whether something about a video will change by itself. */
function isBeingMade(video: Video): boolean {
  return video.state === "processing";
}

function Filters({ wanted, change }: { wanted: Wanted; change: (changes: Partial<Wanted>) => void }): JSX.Element {
  const [search, setSearch] = useState(wanted.search);
  useEffect(() => setSearch(wanted.search), [wanted.search]);
  useEffect(() => {
    if (search.trim() === wanted.search) return;
    const timer = setTimeout(() => change({ search: search.trim() }), SEARCH_AFTER_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [search]);
  return (
    <form class="library-filters" role="search" onSubmit={(event) => (event.preventDefault(), change({ search: search.trim() }))}>
      <TextField label="Search titles and file names" hideLabel type="search" placeholder="Search titles and file names" value={search} onInput={setSearch} />
      <SelectField label="Order" hideLabel value={wanted.sort} choices={SORTS} onChange={(sort) => change({ sort })} />
      <SelectField label="State" hideLabel value={wanted.state} choices={STATES} onChange={(state) => change({ state })} />
      <SelectField label="Kind" hideLabel value={wanted.type} choices={TYPES} onChange={(type) => change({ type })} />
    </form>
  );
}

function NoVideos(): JSX.Element {
  return (
    <EmptyState
      icon="library"
      title="No videos yet"
      action={
        <ButtonLink kind="primary" icon="upload" href="#/upload">
          Upload your first videos
        </ButtonLink>
      }
    >
      Upload as many as you like at once. Soon after, each has a picture, plays on any device, and can be shared by a link that you can take back.
    </EmptyState>
  );
}

function NothingFound({ reset }: { reset: () => void }): JSX.Element {
  return (
    <EmptyState
      icon="search"
      title="Nothing found"
      action={
        <button type="button" class="button" onClick={reset}>
          Show all videos
        </button>
      }
    >
      No video has these words in its title or file name, in the state and of the kind that you have chosen.
    </EmptyState>
  );
}
