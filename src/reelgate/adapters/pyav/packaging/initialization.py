"""The beginning of a fragmented MP4: its tracks, what they are coded in, and when they begin."""

from __future__ import annotations

import struct
from fractions import Fraction

from reelgate.adapters.pyav.packaging.boxes import Boxes
from reelgate.adapters.pyav.packaging.codecs import codec_of, configuration_of
from reelgate.domain.value_types import value_type

_EMPTY = -1
_UNSIGNED = struct.Struct(">I")


@value_type
class Track:
    """A track.

    Attributes:
        timescale: units in a second.
        codec: as playlists name it; None if it is none that is packaged.
        waits: for how long nothing is shown at first, by its edit list, in seconds. Some players do not wait.
        skips: how many units at its beginning are not shown.
        configuration: of the decoder, if it is one for H.264.
    """

    id: int
    shows_pictures: bool
    timescale: int
    codec: str | None
    waits: Fraction
    skips: int
    configuration: bytes = b""


def tracks_in(moov: bytes) -> tuple[Track, ...]:
    """Return the tracks that a `moov` box describes. Raises ValueError, IndexError or struct.error for a damaged one."""
    movie = Boxes(moov)
    timescale = _timescale(movie["mvhd"])
    return tuple(_track(Boxes(trak), timescale) for trak in movie.all("trak"))


def _track(trak: Boxes, movie_timescale: int) -> Track:
    header, media = trak["tkhd"], Boxes(trak["mdia"])
    (number,) = _UNSIGNED.unpack_from(header, 20 if header[0] else 12)
    descriptions = Boxes(Boxes(media["minf"])["stbl"])["stsd"]
    entry, content = Boxes(descriptions[8:]).first()
    edits = trak.get("edts")
    waits, skips = (Fraction(0), 0) if edits is None else _edits(Boxes(edits)["elst"], movie_timescale)
    return Track(
        id=number,
        shows_pictures=media["hdlr"][8:12] == b"vide",
        timescale=_timescale(media["mdhd"]),
        codec=codec_of(entry, content),
        waits=waits,
        skips=skips,
        configuration=configuration_of(entry, content),
    )


def _timescale(header: bytes) -> int:
    """Return the units in a second of a `mvhd` or `mdhd` box."""
    (units,) = _UNSIGNED.unpack_from(header, 20 if header[0] else 12)
    if not units:
        raise ValueError("a timescale of zero")
    return int(units)


def _edits(elst: bytes, movie_timescale: int) -> tuple[Fraction, int]:
    """Return how long an edit list waits, and how much it skips then."""
    form = struct.Struct(">Qqhh" if elst[0] else ">Iihh")
    (count,) = _UNSIGNED.unpack_from(elst, 4)
    waits = Fraction(0)
    for number in range(min(count, len(elst) // form.size)):
        duration, media_time, _, _ = form.unpack_from(elst, 8 + number * form.size)
        if media_time != _EMPTY:
            return waits, media_time
        waits += Fraction(duration, movie_timescale)
    return waits, 0
