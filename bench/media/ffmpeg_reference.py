"""What the `ffmpeg` command decodes of a file: the reference for the converter.

`ffmpeg` *plays* sound or a picture when it decodes at least one frame of it, whatever its exit code: it skips what it cannot
decode, as players do, and ends with an error only when nothing is left.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 120


class NoFfmpeg(Exception):
    """The programs are not installed; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Played:
    """What ffmpeg decoded of a file's first picture and sound track.

    Attributes:
        pictures: decoded frames.
        sound_seconds: how long the decoded samples play, one after the other.
        sound_end: when the last of them ends, counted from the beginning of the file: with the silence between and before them.
        said: the last line of what ffmpeg complained about, for people.
    """

    pictures: int
    sound_seconds: float
    sound_end: float
    said: str


def version() -> str:
    """Return what the installed ffmpeg calls itself. Raises NoFfmpeg."""
    if not all(map(shutil.which, ("ffmpeg", "ffprobe"))):
        raise NoFfmpeg("This needs the ffmpeg and ffprobe commands: apt-get update && apt-get install -y ffmpeg")
    return subprocess.check_output(["ffmpeg", "-version"], text=True).splitlines()[0].partition(" Copyright")[0]


def play(path: Path) -> Played:
    """Decode a file, all of it."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:V:0?", "-map", "0:a:0?"]
    command += ["-fps_mode", "passthrough", "-c:a", "pcm_s16le", "-f", "framecrc", "-"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=PATIENCE_SECONDS)
    return summed_up(done.stdout, said=(done.stderr.strip().splitlines() or [""])[-1])


def summed_up(frames: str, *, said: str) -> Played:
    """Add up what the framecrc muxer wrote: `#media_type INDEX: audio`, `#tb INDEX: 1/48000`, then a line per frame with
    index, decoding time, presentation time, duration, bytes and checksum.
    """
    kinds: dict[str, str] = {}
    units: dict[str, Fraction] = {}
    pictures, samples, end = 0, Fraction(0), Fraction(0)
    for line in frames.splitlines():
        name, _, value = line.partition(":")
        if name.startswith("#media_type "):
            kinds[name.removeprefix("#media_type ")] = value.strip()
        elif name.startswith("#tb "):
            units[name.removeprefix("#tb ")] = Fraction(value.strip())
        elif line and not line.startswith("#"):
            index, _, time, duration, *_ = (field.strip() for field in line.split(","))
            if kinds.get(index) == "video":
                pictures += 1
            else:
                samples += int(duration) * units[index]
                end = max(end, (int(time) + int(duration)) * units[index])
    return Played(pictures, float(samples), float(end), said)


def facts(path: Path) -> dict[str, Any]:
    """Return what ffprobe says of the first picture and sound track, by the names of our facts."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    streams = json.loads(subprocess.check_output(command, text=True, timeout=PATIENCE_SECONDS))["streams"]
    picture = next((s for s in streams if s["codec_type"] == "video"), {})
    sound = next((s for s in streams if s["codec_type"] == "audio"), {})
    rate = sound.get("sample_rate")
    aspect = picture.get("sample_aspect_ratio", "1:1").replace(":", "/")
    stretched = round(picture["width"] * (Fraction(aspect) or 1)) if picture else None
    return {
        "video_codec": picture.get("codec_name"),
        "width": stretched,
        "height": picture.get("height"),
        "audio_codec": sound.get("codec_name"),
        "sample_rate": int(rate) if rate else None,
        "channels": sound.get("channels"),
    }
