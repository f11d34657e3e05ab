"""What a list of videos can be searched for."""

from __future__ import annotations

from typing import Literal

from reelgate.domain.books.video import Video
from reelgate.domain.files.folded_text import fold
from reelgate.domain.value_types import value_type

VideoType = Literal["video", "audio", "other"]


def type_of(video: Video) -> VideoType:
    """Return what kind of media a video's content type says it is."""
    kind = video.content_type.partition("/")[0]
    return "video" if kind == "video" else "audio" if kind == "audio" else "other"


@value_type
class VideoSearch:
    """Which videos are looked for: those with every word in their title or file name, and of the type, if one is given.

    `words` are parts of words, folded.
    """

    words: tuple[str, ...] = ()
    type: VideoType | None = None

    @classmethod
    def of(cls, text: str | None, kind: VideoType | None = None) -> VideoSearch:
        """Return the search for a text that a user has typed; None and white space find everything."""
        return cls(words=tuple(fold(text or "").split()), type=kind)

    @property
    def finds_all(self) -> bool:
        """Whether every video matches."""
        return not self.words and self.type is None

    def matches(self, video: Video) -> bool:
        """Return whether a video is one of those that are looked for."""
        if self.type not in {None, type_of(video)}:
            return False
        if not self.words:
            return True
        names = fold(f"{video.title or ''}\n{video.filename}")
        return all(word in names for word in self.words)
