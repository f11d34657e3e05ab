"""The table of known media types and the file name extensions of each.

Every way to upload uses it; docs/media.md shows it. `video/*` in a setting means the video types in this table, because a
stored type must never be one that a browser executes (`video/svg+xml`). The first name is the IANA registry's where there is
one; the others are what browsers, phones and operating systems send. The system's own table is not used: the same file must get
the same type on every machine.
"""

from __future__ import annotations

import re

from reelgate.domain.errors import InvalidRequest

UNKNOWN = "application/octet-stream"

TYPES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("video/mp4",): ("mp4", "f4v", "mp4v"),
    ("video/x-m4v", "video/m4v"): ("m4v",),
    ("video/quicktime",): ("mov", "qt"),
    ("video/webm",): ("webm",),
    ("video/matroska", "video/x-matroska"): ("mkv",),
    ("video/vnd.avi", "video/x-msvideo", "video/avi", "video/msvideo", "video/divx"): ("avi", "divx"),
    ("video/mpeg", "video/mpg", "video/x-mpeg", "video/mp2p", "video/dvd"): ("mpg", "mpeg", "mpe", "m1v", "m2v", "m2p", "vob"),
    ("video/mp2t", "video/vnd.dlna.mpeg-tts"): ("ts", "m2t", "m2ts", "mts", "tp", "trp"),
    ("video/3gpp",): ("3gp", "3gpp"),
    ("video/3gpp2",): ("3g2", "3gpp2"),
    ("video/ogg",): ("ogv", "ogm"),
    ("video/x-flv", "video/flv", "video/x-f4v"): ("flv",),
    ("video/x-ms-wmv", "video/x-ms-asf", "video/x-ms-wm"): ("wmv", "asf"),
    ("video/dv", "video/x-dv"): ("dv", "dif"),
    ("video/mxf", "video/x-mxf"): ("mxf",),
    ("video/gxf", "video/x-gxf"): ("gxf",),
    ("video/vnd.rn-realvideo", "video/x-pn-realvideo"): ("rm", "rmvb", "rv"),
    ("video/h264", "video/x-h264"): ("h264",),
    ("video/h265", "video/hevc", "video/x-h265"): ("h265", "hevc"),
    ("video/mp4v-es",): (),
    ("video/x-ivf",): ("ivf",),
    ("video/x-nut",): ("nut",),
    ("video/x-ms-wtv", "video/wtv"): ("wtv",),
    ("video/x-amv",): ("amv",),
    ("video/x-yuv4mpeg",): ("y4m",),
    ("audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg"): ("mp3", "mpga"),
    ("audio/mp4", "audio/x-m4a", "audio/m4a", "audio/x-m4b", "audio/m4b"): ("m4a", "m4b", "m4r"),
    ("audio/aac", "audio/aacp", "audio/x-aac"): ("aac", "adts"),
    ("audio/ogg", "audio/opus", "audio/vorbis", "audio/speex"): ("ogg", "oga", "opus", "spx"),
    ("audio/webm",): ("weba",),
    ("audio/matroska", "audio/x-matroska"): ("mka",),
    ("audio/flac", "audio/x-flac"): ("flac",),
    ("audio/vnd.wave", "audio/wav", "audio/x-wav", "audio/wave"): ("wav", "wave", "bwf", "rf64", "bw64"),
    ("audio/x-aiff", "audio/aiff"): ("aif", "aiff", "aifc"),
    ("audio/x-caf",): ("caf",),
    ("audio/ac3", "audio/x-ac3"): ("ac3",),
    ("audio/eac3", "audio/x-eac3"): ("eac3", "ec3"),
    ("audio/vnd.dts", "audio/x-dts"): ("dts",),
    ("audio/vnd.dts.hd", "audio/x-dtshd"): ("dtshd",),
    ("audio/vnd.dolby.mlp", "audio/x-mlp", "audio/x-true-hd"): ("mlp", "thd", "truehd"),
    ("audio/mp4a-latm",): ("loas", "latm"),
    ("audio/basic", "audio/x-au", "audio/au"): ("au", "snd"),
    ("audio/x-w64", "audio/w64"): ("w64",),
    ("audio/vnd.rn-realaudio", "audio/x-realaudio", "audio/x-pn-realaudio"): ("ra",),
    ("audio/x-wavpack", "audio/wavpack"): ("wv",),
    ("audio/x-tta", "audio/tta"): ("tta",),
    ("audio/x-voc", "audio/voc"): ("voc",),
    ("audio/x-adx",): ("adx",),
    ("audio/amr",): ("amr",),
    ("audio/amr-wb",): ("awb",),
    ("audio/3gpp",): (),
    ("audio/3gpp2",): (),
    ("audio/x-ms-wma",): ("wma",),
    ("audio/midi", "audio/x-midi"): ("mid", "midi"),
}
"""The names of each type, and its extensions."""

_PREFERRED_NAMES = {
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mka": "audio/x-matroska",
    "wav": "audio/wav",
    "wave": "audio/wav",
}
"""Older names that players know better than the registry's name."""
_CANONICAL = {name: names[0] for names in TYPES for name in names}
_BY_EXTENSION = {
    extension: _PREFERRED_NAMES.get(extension, names[0]) for names, extensions in TYPES.items() for extension in extensions
}
_AMBIGUOUS = frozenset(
    {
        "",
        UNKNOWN,
        "binary/octet-stream",
        *(f"application/{name}" for name in ("ogg", "mp4", "mxf", "vnd.rn-realmedia", "vnd.rn-realmedia-vbr")),
    }
)
"""Types that may be audio or video; the extension decides."""

_TYPE_PART = r"[A-Za-z0-9!#$&^_.+-]{1,127}"
_TYPE = re.compile(rf"{_TYPE_PART}/{_TYPE_PART}")
_EXTENSION = re.compile(r"(?=.*[a-z])[a-z0-9_-]{1,32}")


def clean_content_type(raw: object, *, field: str = "content_type") -> str:
    """Return a media type `type/subtype` in lower case, without parameters (RFC 9110, 8.3.1): MediaRecorder's
    `video/webm;codecs=vp9` is stored as `video/webm`.

    Raises:
        InvalidRequest: it is missing or not a media type.
    """
    kind = raw.partition(";")[0].strip() if isinstance(raw, str) else ""
    if not _TYPE.fullmatch(kind):
        hint = "The content type is a media type such as video/mp4, or missing: then the name's extension decides."
        raise InvalidRequest("The type of the file is not a media type.", field=field, hint=hint)
    return kind.lower()


def media_type_for(filename: str, sent: object = None, *, field: str = "content_type") -> str:
    """Return the media type that a client sent, or the one for the name's extension if it sent none.

    `application/octet-stream` counts as none (curl sends it for every video in a form). It is also the result if the extension
    is unknown.

    Raises:
        InvalidRequest: `sent` is not a media type.
    """
    named = "" if sent in (None, "") else clean_content_type(sent, field=field)
    return _BY_EXTENSION.get(extension_of(filename) or "", UNKNOWN) if named in _AMBIGUOUS else named


def extension_of(filename: str) -> str | None:
    """Return the extension of a name (`mp4`) in lower case; None for a name without one, such as `Part 1.5`.

    Dots and spaces at the end are ignored, as Windows does: `setup.exe.` has the extension `exe`.
    """
    _, dot, extension = filename.rstrip(". ").rpartition(".")
    return extension.lower() if dot and _EXTENSION.fullmatch(extension.lower()) else None


def canonical(media_type: str) -> str | None:
    """Return the first name of a type, None for an unknown type."""
    return _CANONICAL.get(media_type)


def type_of_extension(extension: str) -> str | None:
    """Return the type for an extension, None if it is unknown."""
    return _BY_EXTENSION.get(extension)


def extensions_of(media_type: str) -> tuple[str, ...]:
    """Return the extensions of a known type, the usual one first; empty if it has none of its own."""
    return TYPES.get(next((names for names in TYPES if media_type in names), ()), ())


def fits(filename: str, media_type: str) -> bool:
    """Return whether a file of a known type can have this name: no extension, or one of audio or video.

    Every video container may hold audio only. The reverse is not true: `song.mp3` is not `video/mp4`.
    """
    extension = extension_of(filename)
    if extension is None:
        return True
    stands_for = _BY_EXTENSION.get(extension)
    if stands_for is None:
        return False
    # An .ogg may be either, although the registry now says audio: for years it was the extension of both.
    return extension == "ogg" or not (stands_for.startswith("audio/") and media_type.startswith("video/"))
