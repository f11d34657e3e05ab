"""Which files of a folder are sent, and under which names."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reelgate_client.cli.transfers.outcomes import Item
from reelgate_client.core.local_files import local_error
from reelgate_client.errors import Conflict

ENDINGS = frozenset(
    [
        "mp4",
        "f4v",
        "mp4v",
        "m4v",
        "mov",
        "qt",
        "webm",
        "mkv",
        "avi",
        "divx",
        "mpg",
        "mpeg",
        "mpe",
        "m1v",
        "m2v",
        "m2p",
        "vob",
        "ts",
        "m2t",
        "m2ts",
        "mts",
        "tp",
        "trp",
        "3gp",
        "3gpp",
        "3g2",
        "3gpp2",
        "ogv",
        "ogm",
        "flv",
        "wmv",
        "asf",
        "dv",
        "dif",
        "mxf",
        "gxf",
        "rm",
        "rmvb",
        "rv",
        "h264",
        "h265",
        "hevc",
        "ivf",
        "nut",
        "wtv",
        "amv",
        "y4m",
        "mp3",
        "mpga",
        "m4a",
        "m4b",
        "m4r",
        "aac",
        "adts",
        "ogg",
        "oga",
        "opus",
        "spx",
        "weba",
        "mka",
        "flac",
        "wav",
        "wave",
        "bwf",
        "rf64",
        "bw64",
        "aif",
        "aiff",
        "aifc",
        "caf",
        "ac3",
        "eac3",
        "ec3",
        "dts",
        "dtshd",
        "mlp",
        "thd",
        "truehd",
        "loas",
        "latm",
        "au",
        "snd",
        "w64",
        "ra",
        "wv",
        "tta",
        "voc",
        "adx",
        "amr",
        "awb",
        "wma",
        "mid",
        "midi",
    ]
)
"""Endings of sound and video (docs/media.md, "What is taken"). A test compares them with the server's."""
SEPARATOR = " - "
"""Stands for the `/` between folders: names in Reelgate have none."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What is in a folder.

    Attributes:
        left_out: folders that were not entered.
        other: files that are neither sound nor video.
    """

    items: Sequence[Item]
    left_out: Sequence[Path]
    other: int


def scan(folder: Path, *, recursive: bool = False) -> Scan:
    """Return the files of a folder that are sound or video, hidden ones left out.

    With `recursive`, `trip/day 1.mp4` becomes `trip - day 1.mp4`.

    Raises:
        LocalFileError: it cannot be read.
        Conflict: two files would get one name.
    """
    items: list[Item] = []
    left_out: list[Path] = []
    other = 0
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        for entry in _entries(current):
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                (waiting if recursive else left_out).append(path)
            elif not entry.is_file():
                continue
            elif path.suffix.lower().removeprefix(".") in ENDINGS:
                items.append(Item(path, name_of(path.relative_to(folder)), entry.stat().st_size))
            else:
                other += 1
    _refuse_equal_names(items)
    return Scan(sorted(items, key=lambda item: item.filename), left_out, other)


def name_of(path: Path) -> str:
    """Return the name in Reelgate of a file, whose path is relative to the folder that is synchronised."""
    return unicodedata.normalize("NFC", SEPARATOR.join(part.strip() for part in path.parts))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise local_error(error, folder) from error


def _refuse_equal_names(items: Sequence[Item]) -> None:
    by_name: dict[str, list[Path]] = defaultdict(list)
    for item in items:
        by_name[item.filename].append(item.path)
    twice = next((paths for paths in by_name.values() if len(paths) > 1), None)
    if twice is not None:
        first, second, *_ = twice
        raise Conflict("same_names", f"{first} and {second} would get one name in Reelgate. Rename one of them.")
