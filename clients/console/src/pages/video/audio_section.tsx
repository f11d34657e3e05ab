import type { Video } from "@reelgate/client";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWork } from "../../app/action.ts";
import { reelgate } from "../../app/client.ts";
import { saveFrom } from "../../app/save.ts";
import { refreshUsage } from "../../app/usage.tsx";
import { formatBytes } from "../../format/bytes.ts";
import { formatDuration, formatTime } from "../../format/dates.ts";
import { Button, ErrorMessage, Progress, Section } from "../../ui/index.ts";

/** The sound of a video as an MP3: have it made, listen, download. */
export function AudioSection({ video, onChange }: { video: Video; onChange: (video: Video) => void }): JSX.Element {
  const { audio } = video;
  return (
    <Section title="MP3">
      {audio.state === "ready" && <ReadyAudio video={video} />}
      {(audio.state === "queued" || audio.state === "running") && (
        <Progress
          label={audio.state === "queued" ? "The MP3 will be made in a moment" : `The MP3 is being made: ${audio.progress_percent ?? 0} %`}
          value={audio.state === "queued" ? null : audio.progress_percent}
        />
      )}
      {(audio.state === "none" || audio.state === "failed" || audio.state === "skipped") && <MissingAudio video={video} onChange={onChange} />}
    </Section>
  );
}

function ReadyAudio({ video }: { video: Video }): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  const action = useWork();
  const { size, duration_seconds: duration } = video.audio;
  const ask = (use: (url: string) => void | Promise<void>) =>
    action.run(async () => {
      await use((await reelgate.videos.audio.url(video.video_id)).url);
      void refreshUsage();
    });
  return (
    <>
      <p class="quiet-text">
        The sound alone{duration === null ? "" : `, ${formatDuration(duration)}`}
        {size === null ? "" : `, ${formatBytes(size)}, which count as today’s data once an hour when you play or download it`}.
      </p>
      {url && <audio class="audio" controls autoplay src={url} aria-label="MP3 of this video" onError={() => setUrl(null)} />}
      <div class="row">
        {!url && (
          <Button icon="play" busy={action.busy} onClick={() => void ask(setUrl)}>
            Listen
          </Button>
        )}
        <Button icon="download" busy={action.busy} onClick={() => void ask(saveFrom)}>
          Download MP3
        </Button>
      </div>
      {action.error !== null && <ErrorMessage error={action.error} />}
    </>
  );
}

function MissingAudio({ video, onChange }: { video: Video; onChange: (video: Video) => void }): JSX.Element {
  const action = useWork();
  const { state, detail, retry_at: retryAt } = video.audio;
  const order = () => action.run(async () => onChange(await reelgate.videos.audio.request(video.video_id)));
  return (
    <>
      <p class="quiet-text">{detail ?? (state === "none" ? "There is no MP3 of this video yet." : "There is no MP3 of this video.")}</p>
      {retryAt && <p class="quiet-text">It can be made from {formatTime(retryAt)} on.</p>}
      {state !== "skipped" && (
        <div>
          <Button icon="music" busy={action.busy} onClick={() => void order()}>
            {state === "failed" ? "Try again" : "Make an MP3"}
          </Button>
        </div>
      )}
      {action.error !== null && <ErrorMessage error={action.error} />}
    </>
  );
}
