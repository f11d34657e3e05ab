"""Which tracks of a file can be packaged, and how: copied, or the sound encoded anew."""

from __future__ import annotations

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from reelgate.adapters.pyav.file.media_file import moving_pictures, sound_track
from reelgate.domain.media.packaging import CannotPackage
from reelgate.domain.value_types import value_type

DEMUXERS = frozenset({"mov", "matroska", "webm"})
"""Of containers whose packets have the stamps and the form that an MP4 needs."""
_PIXELS = {
    "h264": frozenset({"yuv420p", "yuvj420p"}),
    "hevc": frozenset({"yuv420p", "yuvj420p", "yuv420p10le"}),
}
"""What players decode of each format: H.264 with 8 bits only."""
_COPIED_SOUND = frozenset({"LC", "HE-AAC", "HE-AACv2"})
"""The profiles of AAC that players decode."""
_MAX_COPIED_CHANNELS = 6


@value_type
class Tracks:
    """The pictures, and the sound if there is any; `copies_sound` is False if it has to be encoded anew."""

    pictures: VideoStream
    sound: AudioStream | None
    copies_sound: bool


def tracks_to_package(media: InputContainer) -> Tracks:
    """Return the tracks of a file that are packaged: the first of each kind, as for facts and MP3.

    Raises CannotPackage: `no_picture`, `broken_file`, `encrypted`, `unsupported`, `codec`.
    """
    pictures, sound = moving_pictures(media), sound_track(media)
    if pictures is None:
        raise CannotPackage("unsupported" if media.streams.video else "no_picture")
    if any("encryption_init_info" in one.codec_context.coded_side_data for one in (pictures, sound) if one is not None):
        raise CannotPackage("encrypted")
    context = pictures.codec_context
    if media.format.name.split(",", maxsplit=1)[0] not in DEMUXERS:
        raise CannotPackage("codec")
    if context.codec.canonical_name in _PIXELS and context.pix_fmt is None:  # nothing could be learned from the first pictures
        raise CannotPackage("broken_file")
    if context.pix_fmt not in _PIXELS.get(context.codec.canonical_name, ()) or not context.extradata:
        raise CannotPackage("codec")
    if sound is None and media.streams.audio:  # silence would look like a mistake
        raise CannotPackage("codec")
    return Tracks(pictures=pictures, sound=sound, copies_sound=sound is not None and _can_be_copied(sound))


def _can_be_copied(sound: AudioStream) -> bool:
    context = sound.codec_context
    usual = context.codec.canonical_name == "aac" and context.profile in _COPIED_SOUND
    return usual and bool(context.extradata) and 0 < context.channels <= _MAX_COPIED_CHANNELS
