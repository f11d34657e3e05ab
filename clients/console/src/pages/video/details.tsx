import type { Video } from "@reelgate/client";
import type { ComponentChildren, JSX } from "preact";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { formatBytes } from "../../format/bytes.ts";
import { formatDuration, formatTime } from "../../format/dates.ts";
import { Button, ErrorMessage, Facts, Section } from "../../ui/index.ts";

/** What is known about the file. */
export function Details({ video, onChange }: { video: Video; onChange: (video: Video) => void }): JSX.Element {
  const { media } = video;
  const facts: (readonly [string, ComponentChildren])[] = [
    ["File name", video.filename],
    ["Size", formatBytes(video.size)],
    ["Uploaded", formatTime(video.uploaded_at)],
    ["Type", video.content_type],
  ];
  if (video.duration_seconds !== null) facts.push(["Duration", formatDuration(video.duration_seconds)]);
  if (video.width !== null && video.height !== null) facts.push(["Picture", `${video.width} × ${video.height}`]);
  if (media.frame_rate !== null) facts.push(["Pictures per second", String(Math.round(media.frame_rate * 100) / 100)]);
  if (media.video_codec ?? media.audio_codec) facts.push(["Formats", [media.video_codec, media.audio_codec].filter((codec) => codec !== null).map(codecName).join(", ")]);
  facts.push(["Shared playback", <SharedPlayback key="playback" video={video} onChange={onChange} />]);
  facts.push(["Id", <code key="id">{video.video_id}</code>]);
  return (
    <Section title="Details">
      <Facts facts={facts} />
    </Section>
  );
}

/** Formats by the names that people know. */
const CODECS: Readonly<Record<string, string>> = { h264: "H.264", hevc: "HEVC", av1: "AV1", vp8: "VP8", vp9: "VP9", mpeg4: "MPEG-4", aac: "AAC", mp3: "MP3", opus: "Opus", vorbis: "Vorbis", flac: "FLAC", ac3: "AC-3", eac3: "E-AC-3", prores: "ProRes" };

function codecName(codec: string): string {
  return CODECS[codec] ?? codec;
}

/** How those who have a link watch it: piece by piece, with small versions for slow connections, or as one file. */
function SharedPlayback({ video, onChange }: { video: Video; onChange: (video: Video) => void }): JSX.Element {
  const action = useWork();
  const { state, detail, renditions } = video.playback;
  const again = () => action.run(async () => onChange(await reelgate.videos.packageHls(video.video_id)));
  if (state === "ready") {
    const sizes = renditions.ready.map((one) => (one.height === null ? one.name : `${one.height}p`));
    return <>Piece by piece{sizes.length > 1 ? `, in ${sizes.join(", ")}` : ""}</>;
  }
  if (state === "queued" || state === "running") return <>Being prepared</>;
  return (
    <div class="stack">
      <span>As one file{detail ? `. ${detail}` : ""}</span>
      {state !== "skipped" && (
        <span>
          <Button small busy={action.busy} onClick={() => void again()}>
            Prepare it
          </Button>
        </span>
      )}
      {action.error !== null && <ErrorMessage error={action.error} />}
    </div>
  );
}
