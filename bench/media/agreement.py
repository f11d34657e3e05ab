"""Does the converter play what FFmpeg's command line plays? Whole and damaged files of every kind, against Debian's `ffmpeg`.

`python -m bench.media.agreement [--size smallest|small|full] [--only WORD] [--keep FOLDER] [--json FILE]`. It ends
with 1 when fewer files agree than its floors say. bench/README.md says what agreement is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.media import ffmpeg_reference as reference
from bench.media.corpus import DAMAGES, KINDS, Kind, damaged, make
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.audio import PERMANENT
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.media_types import media_type_for
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.media.conversion.hold_lease import Order
from reelgate.use_cases.objects.finish_upload import finish_upload
from tests.fixtures.memory_services import MemoryServices  # a whole Reelgate in memory, around the real converter

SIZES = {"smallest": (4, 1), "small": (1, 1), "full": (1, 12)}
"""Every which kind of file is made, and how many damaged copies of each."""
WHOLE_FLOOR, DAMAGED_FLOOR = 100.0, 99.0
"""Percent of the files that have to agree."""
ROOM = 1 << 40


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to try."""

    kind: Kind
    damage: str | None
    path: Path


@dataclass(frozen=True, slots=True)
class Verdict:
    """What both sides made of a file, and where they do not agree."""

    name: str
    container: str
    damage: str | None
    file: str
    reference: str
    ours: str
    differences: list[str]


def samples(folder: Path, size: tuple[int, int], only: str) -> Iterator[Sample]:
    """Make the files, and yield each as soon as it is there."""
    every, copies = size
    for number, kind in enumerate(KINDS):
        if number % every or only not in kind.name:
            continue
        whole = make(kind, folder, number)
        yield Sample(kind, None, whole)
        for copy in range(copies):
            damage = list(DAMAGES)[(number + copy) % len(DAMAGES)]
            path = folder / f"{number:03}-{damage.replace(' ', '-')}-{copy}.{kind.ending}"
            path.write_bytes(damaged(whole.read_bytes(), kind, damage, copy))
            yield Sample(kind, damage, path)


async def convert(filename: str, data: bytes) -> tuple[DerivedMedia | None, bytes | None]:
    """Send a file through a Reelgate in memory. Returns its record after one run, and its MP3; no record, when the run
    failed in a way that asks for another one.
    """
    services = MemoryServices(converter=PyavConverter())  # type: ignore[arg-type] - where tests have a scripted one
    limits = replace(services.policy.default_limits, storage_bytes=ROOM, daily_bytes=ROOM)
    types = ("video/*", "audio/*")
    services.policy = replace(services.policy, default_limits=limits, max_file_bytes=ROOM, content_types=types)
    granted = await services.grant(filename, len(data), content_type=media_type_for(filename))
    finished = await finish_upload(services, services.send(granted, data))
    if finished.video is None:
        raise RuntimeError(f"{filename} did not become a video")
    video = finished.video
    order = Order(id="bench", uid=video.uid, file_id=video.file_id, filename=video.filename, generation=video.generation)
    try:
        await convert_video(services, order)
    except Unavailable:
        return None, None
    record = (await services.derived_media.get(video.uid, video.file_id))[video.file_id]
    sounds = [data for kind, data in services.derived_objects.objects.values() if kind == "audio/mpeg"]
    return record, sounds[0] if sounds else None


async def judge(sample: Sample) -> Verdict:
    """Let both sides have a file, and compare."""
    played = await asyncio.to_thread(reference.play, sample.path)
    record, sound = await convert(sample.path.name, await asyncio.to_thread(sample.path.read_bytes))
    found = differences(sample, played, record)
    if sound is not None and record is not None:
        mp3 = sample.path.with_suffix(".made.mp3")
        mp3.write_bytes(sound)
        seconds = (await asyncio.to_thread(reference.play, mp3)).sound_seconds
        if abs(seconds - (record.audio.duration_seconds or 0)) > 0.2:
            found.append(f"the MP3 plays {seconds:.2f} s, it is said to play {record.audio.duration_seconds} s")
    if sample.damage is None and record is not None:
        known = await asyncio.to_thread(reference.facts, sample.path)
        ours = asdict(record.facts) if record.facts else {}
        found += [f"{name} is {ours.get(name)}, not {value}" for name, value in known.items() if ours.get(name) != value]
    name = f"{sample.kind.name}, {sample.damage or 'whole'}"
    heard = f"{played.pictures} pictures, {played.sound_seconds:.2f} s of sound to {played.sound_end:.2f} s"
    return Verdict(name, sample.kind.container, sample.damage, sample.path.name, heard, _in_words(record), found)


def differences(sample: Sample, played: reference.Played, record: DerivedMedia | None) -> list[str]:
    """Compare what is played. Of damaged files, more than the reference plays is no fault."""
    if record is None:
        return ["the run failed and would be tried again"]
    found = []
    sound, whole = record.audio, sample.damage is None
    heard, seen = sound.state == "ready", record.poster == "ready"
    if heard != bool(played.sound_seconds) and (whole or not heard):
        found.append("sound only by us" if heard else f"no sound: {sound.state}, {sound.reason}")
    if sample.kind.picture and seen != bool(played.pictures) and (whole or not seen):
        found.append("a picture only by us" if seen else f"no picture: {record.poster}, examined: {record.examination}")
    if not heard and sound.reason not in PERMANENT:
        found.append(f"{sound.reason} is not permanent")
    if (played.sound_seconds or played.pictures) and record.facts is None:
        found.append("no facts")
    if heard and played.sound_seconds:
        spare = 0.1 if whole else 0.5 + 0.05 * played.sound_seconds
        least, most = sorted((played.sound_seconds, played.sound_end))
        if whole:
            least = most
        if not least - spare <= (sound.duration_seconds or 0) <= most + spare:
            found.append(f"sound of {sound.duration_seconds} s, not {least:.2f} to {most:.2f}")
    return found


def _in_words(record: DerivedMedia | None) -> str:
    if record is None:
        return "nothing yet"
    sound = record.audio
    what = f"{sound.duration_seconds:.2f} s of sound" if sound.duration_seconds else f"no sound ({sound.reason})"
    return f"poster {record.poster}, {what}"


async def judge_all(folder: Path, size: tuple[int, int], only: str) -> list[Verdict]:
    """Judge the whole corpus, a few files at once."""
    at_once = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(sample: Sample) -> Verdict:
        async with at_once:
            return await judge(sample)

    waiting = []
    made = samples(folder, size, only)
    while (sample := await asyncio.to_thread(next, made, None)) is not None:
        waiting.append(asyncio.create_task(one(sample)))
    return await asyncio.gather(*waiting)


def report(verdicts: list[Verdict]) -> dict[str, float]:
    """Print who agrees, by damage and by container, and every disagreement. Returns the percentages of whole and damaged."""
    agreed = [v for v in verdicts if not v.differences]
    for group in ("damage", "container"):
        total, good = (Counter(getattr(v, group) or "whole" for v in some) for some in (verdicts, agreed))
        print("; ".join(f"{name} {good[name]}/{number}" for name, number in sorted(total.items())))
    for verdict in verdicts:
        if verdict.differences:
            print(f"- {verdict.name} ({verdict.file}): {'; '.join(verdict.differences)}")
            print(f"    ffmpeg: {verdict.reference}; Reelgate: {verdict.ours}")
    shares = {}
    for name, is_whole in (("whole", True), ("damaged", False)):
        total, good = (sum((v.damage is None) == is_whole for v in some) for some in (verdicts, agreed))
        shares[name] = 100.0 * good / total if total else 100.0
        print(f"{name} files that agree: {good} of {total} ({shares[name]:.1f} %)")
    return shares


def main() -> int:
    """Run the comparison; the exit code says whether enough files agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = "every fourth kind and a damaged copy of each; the same of every kind; every kind and every damage twice"
    parser.add_argument("--size", choices=SIZES, default="small", help=sizes)
    parser.add_argument("--only", default="", metavar="WORD", help="only kinds with this in their name")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the files here, to look into disagreements")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    try:
        print(f"reference: {reference.version()}", flush=True)
    except reference.NoFfmpeg as error:
        print(error, file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder:
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
        verdicts = asyncio.run(judge_all(args.keep or Path(folder), SIZES[args.size], args.only))
    shares = report(verdicts)
    if args.json:
        args.json.write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
    if shares["whole"] >= WHOLE_FLOOR and shares["damaged"] >= DAMAGED_FLOOR:
        return 0
    print(f"too few: {WHOLE_FLOOR:g} % of whole and {DAMAGED_FLOOR:g} % of damaged files have to agree", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
