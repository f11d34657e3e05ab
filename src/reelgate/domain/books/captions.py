"""Captions of videos: what a video's record says of them, and their texts, which are records of their own."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from reelgate.domain.value_types import positional_value_type, value_type


@value_type
class Captions:
    """Captions or subtitles of a video in one language, as the video's record lists them.

    `language` is a BCP 47 tag in its usual case; a video has one text in each. `size` are the bytes of the text (UTF-8), which
    count as stored with those of the video; `digest` is its SHA-256. At most one language of a video is the `default`.
    """

    language: str
    label: str
    size: int
    digest: str
    updated_at: datetime
    default: bool = False


@positional_value_type
class CaptionsKey:
    """Which captions: of a video, in a language (normalised)."""

    file_id: str
    language: str


@positional_value_type
class CaptionsText:
    """The text of captions, WebVTT in UTF-8, deflated (RFC 1950).

    A text of 1 MiB fits into a Firestore document (1 MiB less 89 bytes for one field) only deflated. It always does then: UTF-8
    leaves so many bytes unused that no text needs 7.8 bits for each of them, and Deflate codes bytes by how often they occur.
    """

    key: CaptionsKey
    deflated: bytes

    @classmethod
    def of(cls, key: CaptionsKey, text: str) -> Self:
        """Return the record of a text."""
        return cls(key, zlib.compress(text.encode(), 9))

    @property
    def text(self) -> str:
        """The text itself."""
        return zlib.decompress(self.deflated).decode()


def total_size(captions: Iterable[Captions]) -> int:
    """Return how many bytes captions have together."""
    return sum(one.size for one in captions)
