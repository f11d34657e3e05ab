"""Media types by file name ending, for clients that do not say one (curl's forms call every video application/octet-stream).

The IANA registry's names where they exist, else what players and browsers use. Not the system's table: the same file must get
the same type on every machine.
"""

from __future__ import annotations

_BY_ENDING = {
    "3gp": "video/3gpp",
    "3g2": "video/3gpp2",
    "aac": "audio/aac",
    "aif": "audio/x-aiff",
    "aiff": "audio/x-aiff",
    "amr": "audio/amr",
    "avi": "video/x-msvideo",
    "flac": "audio/flac",
    "flv": "video/x-flv",
    "m2ts": "video/mp2t",
    "m4a": "audio/mp4",
    "m4v": "video/x-m4v",
    "mid": "audio/midi",
    "mka": "audio/x-matroska",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "mts": "video/mp2t",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "ts": "video/mp2t",
    "vob": "video/mpeg",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "wma": "audio/x-ms-wma",
    "wmv": "video/x-ms-wmv",
}


def media_type_for(filename: str, said: str | None) -> str:
    """Return what a client said, or, when that means nothing, what the name's ending stands for."""
    if said and said != "application/octet-stream":
        return said
    _, dot, ending = filename.rpartition(".")
    return _BY_ENDING.get(ending.lower() if dot else "", "application/octet-stream")
