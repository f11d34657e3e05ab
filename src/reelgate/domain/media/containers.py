"""Recognise the container of a media file by its first bytes.

The name and type that a client sends prove nothing. Only these containers are handed to FFmpeg, each to one fixed demuxer.
Playlists and scripts that make FFmpeg open other files or addresses (HLS, DASH, concat, SDP) are not containers and never reach
it.
"""

from __future__ import annotations

import re

from reelgate.domain.media.bare_streams import frames_of_sound, pictures_of
from reelgate.domain.value_types import positional_value_type

HEAD_BYTES = 64 * 1024
"""How much of a file is examined. Recordings that start in the middle of a packet, or after some padding, need more than a few
bytes to be recognised."""
MAX_BEFORE = 8
"""How many ID3 tags and runs of zeros may come before the actual file."""
_ZEROS_OF_HEADER = 4
"""Up to this many zeros before other bytes may be part of a header: the size of a box, a start code, a camera's time stamp."""

_BOXES = frozenset(
    b"ftyp moov mdat free skip wide pnot uuid udta junk pict styp sidx prfl".split()  # those that FFmpeg's mov_probe() knows
)
_TS_PACKETS = [re.compile(b"\x47(?:.{%d}\x47){4}" % (length - 1), re.DOTALL) for length in (188, 192, 204)]
"""Five sync bytes one packet apart (ISO/IEC 13818-1, 2.4.3.2). Cameras put a four-byte time stamp before each packet, and
receivers 16 bytes of error correction after it."""
_PACK = re.compile(b"\0\0\x01\xba[\x21-\x2f\x44-\x7f]")
"""The pack header of an MPEG program stream, MPEG-1 or 2 (ISO/IEC 13818-1, 2.5.3.3)."""

_OGG_BEGINNING = b"OggS\0\x02"
"""An Ogg page that begins a stream (RFC 3533, 6). Without one, a decoder has nothing to start from."""


@positional_value_type
class Container:
    """A file format: its usual name, and the name of FFmpeg's demuxer for it."""

    name: str
    demuxer: str

    @property
    def has_index(self) -> bool:
        """Whether it lists each of its packets, so that the duration it declares is exact."""
        return self.demuxer == "mov"


_MP3 = Container("mp3", "mp3")
_BY_BEGINNING = (
    (b"fLaC", Container("flac", "flac")),
    (b"FLV\x01", Container("flv", "flv")),
    (b"OggS", Container("ogg", "ogg")),
    (b"\x00\x00\x01\xba", Container("mpeg", "mpeg")),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), Container("asf", "asf")),
    (b"#!AMR", Container("amr", "amr")),
    (b"caff\0\x01", Container("caf", "caf")),  # Apple's Core Audio Format specification, "CAF File Header"
    (b".snd", Container("au", "au")),  # Sun's au(4)
    (bytes.fromhex("726966662e91cf11a5d628db04c10000"), Container("w64", "w64")),  # Sonic Foundry's Wave64: GUID of "riff"
    (b".RMF", Container("rm", "rm")),  # RealMedia, and RealAudio before it had a container
    (b".ra\xfd", Container("rm", "rm")),
    (b"DKIF\0\0 \0", Container("ivf", "ivf")),  # with its version and the length of its header
    (b"YUV4MPEG2 ", Container("yuv4mpegpipe", "yuv4mpegpipe")),  # yuv4mpeg(5) of the MJPEG tools
    (b"nut/multimedia container\0", Container("nut", "nut")),
    (bytes.fromhex("b7d800203749da11a64e0007e95ead8d"), Container("wtv", "wtv")),  # GUID of a recording of Windows Media Center
    (b"Creative Voice File\x1a", Container("voc", "voc")),
    (b"TTA1", Container("tta", "tta")),
    (b"wvpk", Container("wv", "wv")),  # WavPack 4 and 5 file format, 2.0
    (b"DTSHDHDR", Container("dtshd", "dtshd")),  # DTS-HD with a header of its own
)
_RIFF_FORMS = {b"WAVE": Container("wav", "wav"), b"AVI ": Container("avi", "avi"), b"AMV ": Container("avi", "avi")}
"""AMV is the AVI variant of small MP3 players."""
_MXF_HEADER = bytes.fromhex("060e2b34020501010d0102010102")
"""The key of a header partition, which comes after a run-in of less than 64 KiB (SMPTE ST 377-1, 6.5 and 7.1)."""
_DIF_SEQUENCE = b"\x1f%b\0[\x3f\xbf].{76}[\x3f]%b\0"
_DIF_FRAME = re.compile(_DIF_SEQUENCE % (b"\x07", b"\x07"), re.DOTALL)
_DIF_SEQUENCES = re.compile(_DIF_SEQUENCE % (b".", b".") + b".{11917}\x1f.\0[\x3f\xbf]", re.DOTALL)
"""DV (IEC 61834-2, SMPTE 314M): the first two 80-byte blocks of a sequence, header and subcode. Sequences are 12,000 bytes
apart, and the first one of a frame has the number 0."""


def container_of(head: bytes) -> Container | None:
    """Return the container of a file whose first HEAD_BYTES are `head`, or None if it is not a known one.

    ID3 tags and zeros before the file are skipped. If nothing known comes after a tag, or `head` ends before that, the file is
    taken for MP3 frames, which the MP3 reader searches for itself. `bytes_before` returns where to continue reading.
    """
    body, is_tagged = head, False
    for _ in range(MAX_BEFORE):
        is_tagged = is_tagged or body.startswith(b"ID3")
        if not (before := bytes_before(body)):
            break
        body = body[before:]
    return _by_beginning(body) or _by_content(body) or (_MP3 if is_tagged else None)


def bytes_before(head: bytes) -> int:
    """Return how many bytes to skip before the next structure: the ID3 tag or the zeros that `head` starts with.

    Returns 0 if the actual file starts here. Zeros that may be part of the following header are not skipped; nor are the last
    zeros of a head that has only zeros.
    """
    if head.startswith(b"ID3"):
        return tag_bytes(head)
    zeros = len(head) - len(head.lstrip(b"\0"))
    if not zeros or _by_beginning(head):
        return 0
    fewest = max(0, zeros - _ZEROS_OF_HEADER)
    for start in range(fewest, zeros + 1):
        if _by_beginning(head[start:]):
            return start
    return zeros if tag_bytes(head[zeros:]) else fewest


def tag_bytes(head: bytes) -> int:
    """Return the size in bytes of the ID3 tag at the start of `head`, 0 without one (ID3v2.4.0, section 3.1)."""
    if not head.startswith(b"ID3") or len(head) < 10 or any(byte & 0x80 for byte in head[6:10]):
        return 0
    size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    has_footer = bool(head[5] & 0x10)
    return 10 + size + 10 * has_footer


def is_score(head: bytes) -> bool:
    """Return whether a file that starts like this is MIDI (Standard MIDI Files 1.0, chapter 2; RP-029 for RIFF): notes for
    instruments that FFmpeg does not have, so no audio can be extracted.
    """
    return head.startswith(b"MThd\0\0\0\x06") or (head.startswith(b"RIFF") and head[8:12] == b"RMID")


def _by_beginning(head: bytes) -> Container | None:
    """Return the container for a signature at the very start."""
    for beginning, container in _BY_BEGINNING:
        if head.startswith(beginning):
            return container
    return _boxes(head) or _ebml(head) or _riff(head) or _gxf(head) or _adx(head)


def _by_content(head: bytes) -> Container | None:
    """Return the container for formats that are recognised by a sequence of structures."""
    return _studio(head) or _packets(head) or _bare(head)


def _boxes(head: bytes) -> Container | None:
    """ISO base media files and QuickTime (ISO/IEC 14496-12, 4.2): size and type of the first box."""
    if head[4:8] not in _BOXES or not (int.from_bytes(head[:4], "big") >= 8 or head[:4] in {b"\0\0\0\0", b"\0\0\0\1"}):
        return None
    is_quicktime = head[4:8] != b"ftyp" or head[8:12] == b"qt  "
    return Container("mov" if is_quicktime else "mp4", "mov")


def _ebml(head: bytes) -> Container | None:
    """Matroska and WebM (RFC 8794, 11.2.1; the document type comes near the start)."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return Container("webm" if b"webm" in head[:64] else "matroska", "matroska")


def _riff(head: bytes) -> Container | None:
    """RIFF and IFF. RF64 and BW64 are for large files (EBU Tech 3306, ITU-R BS.2088), RIFX has big-endian numbers."""
    form = head[8:12]
    if head.startswith(b"RIFF"):
        return _RIFF_FORMS.get(form)
    if head.startswith((b"RF64", b"BW64", b"RIFX")) and form == b"WAVE":
        return _RIFF_FORMS[form]
    return Container("aiff", "aiff") if head.startswith(b"FORM") and form in {b"AIFF", b"AIFC"} else None


def _gxf(head: bytes) -> Container | None:
    """The map packet comes first (SMPTE 360M)."""
    is_map = head.startswith(b"\0\0\0\0\x01\xbc") and head[14:16] == b"\xe1\xe2"
    return Container("gxf", "gxf") if is_map else None


def _studio(head: bytes) -> Container | None:
    """Formats that cameras and studios exchange."""
    if _DIF_FRAME.match(head) or _DIF_SEQUENCES.search(head):
        return Container("dv", "dv")
    return Container("mxf", "mxf") if _MXF_HEADER in head else None


def _adx(head: bytes) -> Container | None:
    """CRI's ADX: a signature comes directly before the audio, which starts four bytes after the offset in the header."""
    start = int.from_bytes(head[2:4], "big") + 4
    return Container("adx", "adx") if head.startswith(b"\x80\0") and head[start - 6 : start] == b"(c)CRI" else None


def _packets(head: bytes) -> Container | None:
    """MPEG transport and program streams, starting anywhere in a packet, and Ogg, starting anywhere before a page that begins a
    stream.
    """
    if any(packets.search(head) for packets in _TS_PACKETS):
        return Container("mpegts", "mpegts")
    if _OGG_BEGINNING in head:
        return Container("ogg", "ogg")
    return Container("mpeg", "mpeg") if len(_PACK.findall(head)) > 1 else None


def _bare(head: bytes) -> Container | None:
    """Streams of one codec without a container, each with a demuxer named after the codec."""
    demuxer = frames_of_sound(head) or pictures_of(head)
    return None if demuxer is None else Container(demuxer, demuxer)
