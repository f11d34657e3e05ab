import type { Video } from "@reelgate/client";
import type { ReelgatePlayer } from "@reelgate/client/player";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { reelgate } from "../../app/client.ts";
import { refreshUsage } from "../../app/usage.tsx";
import { formatBytes } from "../../format/bytes.ts";
import { ErrorMessage, Icon } from "../../ui/index.ts";
import { titleOf } from "../library/video_card.tsx";
import { OwnersPlayback } from "./owners_playback.ts";

/**
 * The owner's player. Nothing is loaded or charged before somebody presses play.
 *
 * The owner needs no link to what is theirs: the player gets the signed URL of the file. It is charged once an hour however often
 * somebody seeks, plays while the video is still being prepared, and leaves no grant behind that could get about.
 * What this browser cannot play as it was uploaded is played by the packaged copy, under a grant for this page alone.
 */
export function PlayerBox({ video }: { video: Video }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const playback = useRef<OwnersPlayback | null>(null);
  const [phase, setPhase] = useState<"idle" | "opening" | "open">("idle");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => playback.current?.close(), []);

  const captions = video.captions.map((one) => `${one.language} ${one.updated_at}`).join();
  useEffect(() => void playback.current?.showCaptions(video), [captions]);

  const start = async () => {
    if (phase === "opening") return;
    setPhase("opening");
    setError(null);
    try {
      await import("@reelgate/client/player");
      const player = document.createElement("reelgate-player") as ReelgatePlayer;
      player.setAttribute("aria-label", titleOf(video));
      if (video.poster) player.poster = video.poster.url;
      const opened = new OwnersPlayback(reelgate, video, player);
      playback.current = opened;
      await opened.open();
      place.current?.replaceChildren(player);
      setPhase("open");
      void refreshUsage();
    } catch (failure) {
      setError(failure);
      setPhase("idle");
    }
  };

  return (
    <div class="player-box">
      <div class={phase === "open" ? "player-place" : "player-place closed"} ref={place} />
      {phase !== "open" && (
        <button type="button" class="player-start" aria-label={`Play ${titleOf(video)}`} aria-busy={phase === "opening" || undefined} onClick={() => void start()}>
          {video.poster && <img src={video.poster.url} alt="" />}
          <span class="player-sign">{phase === "opening" ? <span class="wheel" /> : <Icon name={video.type === "audio" ? "music" : "play"} size={34} />}</span>
        </button>
      )}
      {error !== null && <ErrorMessage error={error} onRetry={() => void start()} />}
      {phase !== "open" && <p class="quiet-text small-text">Playing uses {formatBytes(video.size)} of today’s data, once an hour however often you watch.</p>}
    </div>
  );
}
