"""HLS playlists of a packaged video (RFC 8216 and draft-pantos-hls-rfc8216bis), as texts.

Segments are byte ranges of one file, so a media playlist has one URL, many times. Players differ in what they forgive, so the
order of tags is that of docs/adr/0039-playlists-and-leases.md, which all of them take: EXTINF before EXT-X-BYTERANGE, the range
of EXT-X-MAP in quotes, no variables, no encryption, and always an end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from reelgate.domain.playback.segment_index import Rendition, SegmentIndex
from reelgate.domain.value_types import value_type

CONTENT_TYPE = "application/vnd.apple.mpegurl"
VERSION = 7
"""Of the protocol: the first in which EXT-X-MAP may be used with segments that hold more than I-frames is 6, and 7 is what
Apple's tools write for fragmented MP4."""

_GROUP = "captions"
_NOT_IN_QUOTES = re.compile(r'["\x00-\x1f\x7f]')


@value_type
class Subtitles:
    """Captions in one language, as a master playlist lists them. `url` is that of their own playlist."""

    language: str
    label: str
    url: str
    default: bool = False


class PlayableVideo:
    """The index of a packaged video, and its playlists. What they have in common is made once, when it is first asked for."""

    def __init__(self, index: SegmentIndex) -> None:
        """Nothing is made yet."""
        self.index = index
        self._around_urls: dict[str, tuple[str, ...]] = {}
        self._streams: dict[str, str] = {}

    @property
    def size(self) -> int:
        """The bytes of the largest rendition: what a player reads at most to see everything once."""
        return max(one.size for one in self.index.renditions)

    @property
    def duration_seconds(self) -> float:
        """How long the longest rendition plays."""
        return max(one.duration_seconds for one in self.index.renditions)

    def master(self, url_of: Callable[[Rendition], str], subtitles: Sequence[Subtitles] = ()) -> str:
        """Return the master playlist. `url_of` returns the URL of a rendition's media playlist."""
        lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
        lines += [_media_tag(one) for one in subtitles]
        group = f',SUBTITLES="{_GROUP}"' if subtitles else ""
        for rendition in self.index.renditions:
            if rendition.name not in self._streams:
                self._streams[rendition.name] = _stream_tag(rendition)
            lines += [self._streams[rendition.name] + group, url_of(rendition)]
        return "\n".join(lines) + "\n"

    def media(self, rendition: Rendition, url: str) -> str:
        """Return the media playlist of a rendition whose file is at `url`.

        A two-hour film has its URL 1800 times, so the text between two of them is kept.
        """
        pieces = self._around_urls.get(rendition.name)
        if pieces is None:
            pieces = self._around_urls[rendition.name] = tuple(_around_urls(rendition))
        return url.join(pieces)


def subtitles_playlist(url: str, duration_seconds: float) -> str:
    """Return the media playlist of captions: one WebVTT file, at `url`, for all of the video."""
    lines = (
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{_target_duration([duration_seconds])}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXTINF:{duration_seconds:.3f},",
        url,
        "#EXT-X-ENDLIST",
    )
    return "\n".join(lines) + "\n"


def _around_urls(rendition: Rendition) -> Iterator[str]:
    """The texts before, between and after the URLs of a media playlist."""
    yield (
        "#EXTM3U\n"
        f"#EXT-X-VERSION:{VERSION}\n"
        f"#EXT-X-TARGETDURATION:{_target_duration(segment.milliseconds / 1000 for segment in rendition.segments)}\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MAP:URI="'
    )
    before = f'",BYTERANGE="{rendition.init_size}@0"\n'
    for segment in rendition.segments:
        yield (f"{before}#EXTINF:{segment.milliseconds / 1000:.3f},\n#EXT-X-BYTERANGE:{segment.size}@{segment.offset}\n")
        before = "\n"
    yield f"{before}#EXT-X-ENDLIST\n"


def _stream_tag(rendition: Rendition) -> str:
    attributes = [
        f"BANDWIDTH={_peak_bandwidth(rendition)}",
        f"AVERAGE-BANDWIDTH={_average_bandwidth(rendition)}",
        f"RESOLUTION={rendition.width}x{rendition.height}",
    ]
    if rendition.frame_rate > 0:
        attributes.append(f"FRAME-RATE={rendition.frame_rate:.3f}")
    attributes.append(f"CODECS={_quoted(rendition.codecs)}")
    return "#EXT-X-STREAM-INF:" + ",".join(attributes)


def _media_tag(subtitles: Subtitles) -> str:
    chosen = "YES" if subtitles.default else "NO"
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{_GROUP}",NAME={_quoted(subtitles.label)},'
        f"LANGUAGE={_quoted(subtitles.language)},DEFAULT={chosen},AUTOSELECT=YES,FORCED=NO,URI={_quoted(subtitles.url)}"
    )


def _target_duration(seconds: Iterable[float]) -> int:
    """The longest duration, rounded half up to whole seconds; at least one."""
    return max(1, *(math.floor(one + 0.5) for one in seconds))


def _peak_bandwidth(rendition: Rendition) -> int:
    """The largest bit rate of successive segments that together play 0.5 to 1.5 times the target duration (RFC 8216, 4.3.4.2).

    A file that is shorter than that has only its average.
    """
    target = _target_duration(segment.milliseconds / 1000 for segment in rendition.segments) * 1000
    rates, segments = [0.0], rendition.segments
    for first in range(len(segments)):
        size, milliseconds = 0, 0
        for segment in islice(segments, first, None):
            size, milliseconds = size + segment.size, milliseconds + segment.milliseconds
            if milliseconds > 1.5 * target:
                break
            if milliseconds >= 0.5 * target:
                rates.append(size * 8000 / milliseconds)
    return max(math.ceil(max(rates)), _average_bandwidth(rendition))


def _average_bandwidth(rendition: Rendition) -> int:
    size = sum(segment.size for segment in rendition.segments)
    return math.ceil(size * 8 / max(rendition.duration_seconds, 0.001))


def _quoted(text: str) -> str:
    """An attribute's value in quotes, in which there can be no others, and no line break (RFC 8216, 4.2)."""
    return f'"{_NOT_IN_QUOTES.sub(" ", text)}"'
