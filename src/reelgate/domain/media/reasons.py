"""Why a file has no MP3, or does not play in pieces, in sentences that may be shown to its owner."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.media.audio import Audio
from reelgate.domain.media.conversion import Reason
from reelgate.domain.media.packaging import Hls, HlsReason
from reelgate.domain.media.transcoding import Transcoding

SENTENCES: dict[Reason, str] = {
    "no_audio_track": "This file has no sound.",
    "broken_file": "This file is damaged, or is not a video or audio file.",
    "encrypted": "The sound of this file is encrypted.",
    "unsupported": "The sound of this file has a format that cannot be read.",
    "wrong_type": "This file is neither a video nor an audio file.",
    "too_long": "This file plays too long to make an MP3 of it.",
    "too_large": "The picture of this file is too large, or it has too many tracks.",
    "out_of_proportion": "This file plays so long for its size that its MP3 would be too large.",
    "no_room": "The MP3s and pictures of your files already take up all the room they may.",
    "day_used_up": "Too many of your files were converted today.",
    "too_slow": "Making the MP3 took too long.",
    "attempts_exhausted": "The MP3 could not be made, although it was tried several times.",
    "gone": "This file was in the trash when its MP3 was to be made.",
}

HINTS: dict[Reason, str] = {
    "no_room": "Delete videos for good (DELETE /v1/trash/{video_id}), then request the MP3 again.",
    "day_used_up": "Request the MP3 again at `retry_at`.",
}
"""What a developer can do about it, for reasons that are not for ever."""


HLS_SENTENCES: dict[HlsReason, str] = {
    "no_picture": "This file has no moving picture.",
    "codec": "Browsers cannot play the format of this video in pieces.",
    "key_frames": "This video has too few pictures that playing can start from.",
    "edit_list": "Something was cut off this video in a way that playing in pieces would undo.",
    "out_of_sync": "Sound and picture of this video would not be in step.",
    "broken_file": "This file is damaged, or is not a video file.",
    "encrypted": "This video is encrypted.",
    "unsupported": "This video has a format that cannot be read.",
    "wrong_type": "This file is no video.",
    "too_long": "This video plays too long.",
    "too_large": "The picture of this video is too large, or it has too many tracks.",
    "out_of_proportion": "This video would become much larger than its file.",
    "no_room": "What was made of your files already takes up all the room it may.",
    "day_used_up": "Too many of your files were converted today.",
    "too_slow": "Preparing this video took too long.",
    "attempts_exhausted": "This video could not be prepared, although it was tried several times.",
    "gone": "This video was in the trash when it was to be prepared.",
    "switched_off": "Videos are not prepared for playing in pieces here.",
    "no_encoder": "Smaller versions of videos cannot be made here at the moment.",
}
"""Why a video has no HLS."""


def in_words(audio: Audio) -> str | None:
    """Return why there is no MP3, None if there is one or none was requested."""
    return None if audio.reason is None else f"{SENTENCES[audio.reason]}{_until(audio.retry_at)}"


def hls_in_words(hls: Hls) -> str | None:
    """Return why a video does not play in pieces, None if it does or nobody has asked for it."""
    return None if hls.reason is None else f"{HLS_SENTENCES[hls.reason]}{_until(hls.retry_at)}"


RENDITION_SENTENCES: dict[HlsReason, str] = {
    **HLS_SENTENCES,
    "out_of_proportion": "Smaller versions of this video would not be smaller than the video itself.",
    "unsupported": "Smaller versions of this video cannot be made.",
    "too_slow": "Making smaller versions of this video took too long.",
    "attempts_exhausted": "Smaller versions of this video could not be made, although it was tried several times.",
    "gone": "This video was in the trash when smaller versions were to be made.",
}
"""Why a video has no smaller renditions, or not all of them."""


def renditions_in_words(transcoding: Transcoding) -> str | None:
    """Return why there are no more renditions, None if there are, or none is to be made."""
    reason = transcoding.reason
    return None if reason is None else f"{RENDITION_SENTENCES[reason]}{_until(transcoding.retry_at)}"


def _until(retry_at: datetime | None) -> str:
    return "" if retry_at is None else f" It can be requested again from {retry_at:%Y-%m-%d %H:%M} UTC on."
