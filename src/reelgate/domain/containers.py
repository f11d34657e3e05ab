"""Which container a media file really is, by its first bytes.

What a client calls a file says nothing. Only these containers are ever handed to FFmpeg, each to its one demuxer: playlists and
scripts that make FFmpeg open other files or addresses (HLS, DASH, concat, SDP) are no containers and never reach it.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 2048
"""How much of a file is looked at."""

_TS_PACKET = 188
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file: what people call it, and the name of FFmpeg's demuxer for it."""

    name: str
    demuxer: str


_BY_BEGINNING = (
    (b"fLaC", Container("flac", "flac")),
    (b"FLV\x01", Container("flv", "flv")),
    (b"OggS", Container("ogg", "ogg")),
    (b"\x00\x00\x01\xba", Container("mpeg", "mpeg")),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), Container("asf", "asf")),
    (b"#!AMR", Container("amr", "amr")),
    (b"ID3", Container("mp3", "mp3")),
)


def container_of(head: bytes) -> Container | None:
    """Return the container that a file is which begins with `head` (its first HEAD_BYTES), None for anything else."""
    for beginning, container in _BY_BEGINNING:
        if head.startswith(beginning):
            return container
    return _boxes(head) or _ebml(head) or _riff(head) or _packets(head) or _audio_frames(head)


def _boxes(head: bytes) -> Container | None:
    """ISO base media files and QuickTime (ISO/IEC 14496-12, 4.2): size and type of the first box."""
    if head[4:8] not in _BOXES or not (int.from_bytes(head[:4], "big") >= 8 or head[:4] in {b"\0\0\0\0", b"\0\0\0\1"}):
        return None
    is_quicktime = head[4:8] != b"ftyp" or head[8:12] == b"qt  "
    return Container("mov" if is_quicktime else "mp4", "mov")


def _ebml(head: bytes) -> Container | None:
    """Matroska and WebM (RFC 8794, 11.2.1; the document type stands near the beginning)."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return Container("webm" if b"webm" in head[:64] else "matroska", "matroska")


def _riff(head: bytes) -> Container | None:
    form = head[8:12]
    if head.startswith((b"RIFF", b"RF64")) and form in {b"AVI ", b"WAVE"}:
        return Container("avi", "avi") if form == b"AVI " else Container("wav", "wav")
    return Container("aiff", "aiff") if head.startswith(b"FORM") and form in {b"AIFF", b"AIFC"} else None


def _packets(head: bytes) -> Container | None:
    """MPEG transport streams: packets of 188 bytes that begin with 0x47 (ISO/IEC 13818-1, 2.4.3.2), four of them in a row.

    Cameras put four bytes of a time stamp before each (M2TS).
    """
    for start, length in ((0, _TS_PACKET), (4, _TS_PACKET + 4)):
        starts = head[start : start + 4 * length : length]
        if starts == b"\x47" * 4:
            return Container("mpegts", "mpegts")
    return None


def _audio_frames(head: bytes) -> Container | None:
    """Bare frames of AAC (ADTS) or MP3: eleven or twelve bits set, then a layer, a bit rate and a sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Container("aac", "aac")
    is_mp3 = head[1] & 0xE6 == 0xE2 and head[2] >> 4 not in {0, 15} and head[2] & 0x0C != 0x0C
    return Container("mp3", "mp3") if is_mp3 else None
