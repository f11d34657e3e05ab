"""What the media playlist of a long film costs: CPU time to write and compress it, and its size.

    python -m bench.playlists [--hours 2] [--rounds 30] [--json FILE] [--at-most-ms MS] [--at-most-kb KB]

The film has segments of four seconds. `long URL` is the playlist of players that read it by themselves, whose every entry has a
signed URL; `lease` that of players that put a leased URL in its place. The best round counts: the machine does other things.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from reelgate.domain.playback.playlists import PlayableVideo
from reelgate.domain.playback.segment_index import Rendition, Segment, SegmentIndex
from reelgate.web.http.answers.compressed import gzip

SEGMENT_SECONDS = 4
OBJECT = "https://storage.googleapis.com/demo-reelgate-derived/1a2b3c4d5e6f7a8b9c0d1e2f3a4b/31df231489c84c47a78c6dc45d8847bf/1764424612345678/hls/v0.mp4"


def a_film(hours: float) -> PlayableVideo:
    """Return a film of 4 Mbit/s, cut like a real one."""
    chance = random.Random(hours)  # the same film in each run
    offset, segments = 1340, []
    for _ in range(max(1, round(hours * 3600 / SEGMENT_SECONDS))):
        size = chance.randint(1_500_000, 2_500_000)
        segments.append(Segment(offset, size, chance.randint(3400, 5200)))
        offset += size + 8
    rendition = Rendition(
        name="v0",
        codecs="avc1.64001f,mp4a.40.2",
        width=1280,
        height=720,
        frame_rate=24.0,
        init_size=1332,
        segments=tuple(segments),
    )
    return PlayableVideo(SegmentIndex(renditions=(rendition,)))


def signed_url() -> str:
    """Return a URL as long as one with an RSA signature, whose characters cannot be foreseen."""
    chance = random.Random(7)
    return (
        f"{OBJECT}?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=reelgate-signer%40demo-reelgate.iam.gserviceaccount.com"
        "%2F20261128%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20261128T100000Z&X-Goog-Expires=11700&X-Goog-SignedHeaders=host"
        "&x-goog-custom-audit-reelgate-grant=grant%3A31df231489c84c47%3A1764424612"
        f"&X-Goog-Signature={chance.randbytes(256).hex()}"
    )


def measure(hours: float, rounds: int) -> dict[str, dict[str, Any]]:
    """Return for each kind of playlist the milliseconds of CPU time, and the bytes before and after compression."""
    video = a_film(hours)
    [rendition] = video.index.renditions
    stored = video.index.to_json()
    results: dict[str, dict[str, Any]] = {}
    for name, url in (("long URL", signed_url()), ("lease", OBJECT)):
        spent, text, packed = [], "", b""
        for _ in range(rounds):
            start = time.process_time()
            text = video.media(rendition, url)
            packed = gzip(text.encode())
            spent.append(time.process_time() - start)
        results[name] = {"ms": min(spent) * 1000, "bytes": len(text), "gzipped": len(packed), "first_ms": spent[0] * 1000}
    start = time.process_time()
    PlayableVideo(SegmentIndex.from_json(stored))
    results["index"] = {"ms": (time.process_time() - start) * 1000, "bytes": len(stored), "gzipped": len(gzip(stored))}
    return results


def main() -> int:
    """Measure, print, and fail beyond what is allowed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("--at-most-ms", type=float, help="fail if a playlist takes more CPU time")
    parser.add_argument("--at-most-kb", type=float, help="fail if a playlist is larger when compressed")
    options = parser.parse_args()
    results = measure(options.hours, options.rounds)
    for name, found in results.items():
        print(f"{name:10} {found['ms']:6.2f} ms   {found['bytes']:9,} bytes   {found['gzipped']:7,} gzipped")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))
    playlists = [results["long URL"], results["lease"]]
    slow = options.at_most_ms is not None and any(one["ms"] > options.at_most_ms for one in playlists)
    large = options.at_most_kb is not None and any(one["gzipped"] > options.at_most_kb * 1000 for one in playlists)
    return 1 if slow or large else 0


if __name__ == "__main__":
    sys.exit(main())
