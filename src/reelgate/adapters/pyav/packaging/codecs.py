"""The codecs of a track as playlists name them (RFC 6381), from its sample description in an MP4."""

from __future__ import annotations

from reelgate.adapters.pyav.packaging.boxes import Boxes

_VIDEO_ENTRY, _AUDIO_ENTRY = 78, 28
"""Bytes of a sample entry before its boxes (ISO/IEC 14496-12, 12.1.3 and 12.2.3)."""
_ES, _DECODER_CONFIG, _DECODER_SPECIFIC = 3, 4, 5
"""Tags of descriptors in an `esds` box (ISO/IEC 14496-1, 7.2.6)."""
_ES_BEFORE, _CONFIG_BEFORE = 3, 13


def codec_of(entry: str, content: bytes) -> str | None:
    """Return the codec of a sample entry, such as `avc1.64001f`; None for one that is not packaged.

    Raises ValueError, IndexError or struct.error for a damaged one.
    """
    if entry in {"avc1", "avc3"}:
        profile, compatible, level = Boxes(content[_VIDEO_ENTRY:])["avcC"][1:4]
        return f"{entry}.{profile:02x}{compatible:02x}{level:02x}"
    if entry in {"hvc1", "hev1"}:
        return f"{entry}.{_hevc(Boxes(content[_VIDEO_ENTRY:])['hvcC'])}"
    if entry == "mp4a":
        return f"mp4a.40.{_object_type(Boxes(content[_AUDIO_ENTRY:])['esds'])}"
    return None


def configuration_of(entry: str, content: bytes) -> bytes:
    """Return the parameter sets in a sample entry of H.264, nothing for any other. Raises ValueError for a damaged one."""
    return Boxes(content[_VIDEO_ENTRY:])["avcC"] if entry in {"avc1", "avc3"} else b""


def _hevc(record: bytes) -> str:
    """Return profile, compatibility, tier, level and constraints of a `hvcC` box (ISO/IEC 14496-15, E.3)."""
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    compatible = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\0")
    parts = [f"{space}{record[1] & 0x1F}", f"{compatible:X}", f"{tier}{record[12]}", *(f"{byte:X}" for byte in constraints)]
    return ".".join(parts)


def _object_type(esds: bytes) -> int:
    """Return the audio object type (ISO/IEC 14496-3, 1.6.2.1)."""
    stream = _descriptor(esds[4:], _ES)
    config = _descriptor(stream[_ES_BEFORE:], _DECODER_CONFIG)
    specific = int.from_bytes(_descriptor(config[_CONFIG_BEFORE:], _DECODER_SPECIFIC)[:2], "big")
    kind = specific >> 11
    return 32 + (specific >> 5 & 0x3F) if kind == 31 else kind


def _descriptor(data: bytes, tag: int) -> bytes:
    """Return the content of a descriptor, which the data must begin with. Its length has seven bits in each byte."""
    if data[0] != tag:
        raise ValueError("another descriptor")
    length, at = 0, 1
    while True:
        byte = data[at]
        length, at = length << 7 | byte & 0x7F, at + 1
        if not byte & 0x80:
            return data[at : at + length]
