import type { Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatBytes } from "../../format/bytes.ts";
import { formatDuration, formatRelative, formatTime } from "../../format/dates.ts";
import { Badge, Icon } from "../../ui/index.ts";

/** What people call a video. */
export function titleOf(video: Video): string {
  return video.title ?? video.filename;
}

/** A video in the library. All of the card is one link. */
export function VideoCard({ video }: { video: Video }): JSX.Element {
  return (
    <a class="video-card" href={`#/videos/${encodeURIComponent(video.video_id)}`}>
      <Poster video={video} />
      <span class="video-title">{titleOf(video)}</span>
      <span class="video-facts">
        <span>{formatBytes(video.size)}</span>
        <time dateTime={video.uploaded_at} title={formatTime(video.uploaded_at)}>
          {formatRelative(video.uploaded_at)}
        </time>
        <VideoState video={video} />
      </span>
    </a>
  );
}

/** The picture of a video, or what it is. */
export function Poster({ video, small }: { video: Video; small?: boolean }): JSX.Element {
  const [broken, setBroken] = useState<string | null>(null);
  const url = video.poster?.url ?? null;
  return (
    <span class={small ? "poster small" : "poster"}>
      {url && url !== broken ? (
        <img src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(url)} />
      ) : (
        <Icon name={video.type === "audio" ? "music" : "play"} size={small ? 20 : 32} />
      )}
      {video.duration_seconds !== null && !small && <span class="length">{formatDuration(video.duration_seconds)}</span>}
    </span>
  );
}

/** What a user should know about the state; nothing where all is well. */
export function VideoState({ video }: { video: Video }): JSX.Element | null {
  if (video.state === "processing") return <Badge kind="busy">Being prepared</Badge>;
  if (video.state === "failed") return <Badge kind="warning">Not all could be made</Badge>;
  if (video.state === "trashed") return <Badge>In the trash</Badge>;
  return null;
}
