"""Check whether a file declares its audio as encrypted: if nothing could be decoded, the user then gets the true reason.

FFmpeg marks the packets of most encrypted MP4 files. It tries to decode everything else, which then looks like damage.
"""

from __future__ import annotations

import io
from collections import Counter
from typing import BinaryIO

from reelgate.adapters.pyav.file.boxes import boxes_of, read_fully
from reelgate.domain.media.conversion import Reason

LOOK_BYTES = 1024 * 1024
MAX_INDEX = 16 * 1024 * 1024
_SAMPLE_ENTRIES = (b"enca", b"drms")
"""MP4: protected audio (ISO/IEC 14496-12, 8.12), and Apple's FairPlay."""
_MATROSKA_ENCRYPTION = b"\x50\x35"
"""ContentEncryption (RFC 9559, 5.1.4.1.31.8), in the description of a track."""
_ASF_ENCRYPTION = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
"""Content Encryption Object and its extended form (ASF specification, 3.14 and 3.15)."""
_TS_PACKET = 188


def true_reason(reason: Reason, file: io.RawIOBase | BinaryIO, container: str) -> Reason:
    """Return `encrypted` if that explains what looked like damage or an unknown format, else the given reason."""
    explained = reason in {"broken_file", "unsupported"} and declares_encryption(file, container)
    return "encrypted" if explained else reason


def declares_encryption(file: io.RawIOBase | BinaryIO, container: str) -> bool:
    """Return whether a file of that container declares encryption."""
    file.seek(0)
    if container in {"mp4", "mov"}:
        descriptions = _sample_descriptions(file)
        return any(entry in descriptions for entry in _SAMPLE_ENTRIES)
    head = read_fully(file, LOOK_BYTES)
    if container in {"webm", "matroska"}:
        tracks = head[head.find(b"\x16\x54\xae\x6b") :]  # up to the first cluster
        return _MATROSKA_ENCRYPTION in tracks[: tracks.find(b"\x1f\x43\xb6\x75")]
    if container == "asf":
        return any(mark in head for mark in _ASF_ENCRYPTION)
    return container == "mpegts" and _is_scrambled(head)


def _sample_descriptions(file: io.RawIOBase | BinaryIO) -> bytes:
    """Return the common start of all sample descriptions of an MP4 file: size, name, version, count, and first entry."""
    for box in boxes_of(file, file.seek(0, io.SEEK_END)):
        if box.name == b"moov":
            file.seek(box.start)
            index = read_fully(file, min(box.length or MAX_INDEX, MAX_INDEX))
            return b"".join(index[mark : mark + 20] for mark in _places(index, b"stsd"))
    return b""


def _places(data: bytes, word: bytes) -> list[int]:
    places, at = [], data.find(word)
    while at >= 0:
        places.append(at)
        at = data.find(word, at + 4)
    return places


def _is_scrambled(head: bytes) -> bool:
    """Return whether most non-empty packets of a stream have their scrambling bits set (ISO/IEC 13818-1, 2.4.3.3; tables never
    have). The audio alone may be scrambled.
    """
    clear, scrambled = Counter[int](), Counter[int]()
    for at in _places_of_packets(head):
        if head[at + 3] & 0x10:
            stream = int.from_bytes(head[at + 1 : at + 3], "big") & 0x1FFF
            (scrambled if head[at + 3] & 0xC0 else clear)[stream] += 1
    return any(count > max(2, clear[stream]) for stream, count in scrambled.items())


def _places_of_packets(head: bytes) -> list[int]:
    for length in (_TS_PACKET, _TS_PACKET + 4, _TS_PACKET + 16):
        for start in range(min(length, max(0, len(head) - 4 * length))):
            if head[start : start + 4 * length + 1 : length] == b"\x47" * 5:
                return [at for at in range(start, len(head) - 4, length) if head[at] == 0x47]
    return []
