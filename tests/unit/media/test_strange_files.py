"""Files that players play although something is wrong or uncommon in them, and what is said of those that nobody can."""

from __future__ import annotations

import io
import random
import struct
from functools import cache
from pathlib import Path

import av
import pytest

from reelgate.adapters.pyav.file.encryption import declares_encryption
from reelgate.adapters.pyav.file.media_file import open_media
from reelgate.adapters.pyav.picture.poster import poster_of
from reelgate.domain.media.conversion import CannotConvert
from tests.fixtures.media.converted_media import Converted, convert, facts_in, reason_of
from tests.fixtures.media.odd_media import make_retimed, many_channels, with_id3
from tests.fixtures.media_files import SOUND, VIDEO, decoded_seconds, make_media

KEPT = Path(__file__).parents[2] / "fixtures" / "media"
KEY = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "0123456789abcdef" * 2, "encryption_kid": "f" * 32}


# Damage


@cache
def whole(kind: str) -> bytes:
    return make_media(kind, seconds=4, video=kind in VIDEO, index_in_front=kind in {"mp4", "mov"})


def harmed(data: bytes, seed: int, *, share: float = 0.0005) -> bytes:
    """Return a copy with a few bytes changed behind the header, the same ones for the same seed."""
    rng, copy = random.Random(seed), bytearray(data)
    for _ in range(max(3, int(len(data) * share))):
        copy[rng.randrange(min(8000, len(data) // 4), len(data))] = rng.randrange(256)
    return bytes(copy)


@pytest.mark.parametrize("kind", SOUND)
def test_a_little_damage_costs_a_little_sound(kind: str) -> None:
    """Whatever a decoder says of a damaged packet (EPERM, EINVAL, that it is not implemented), it is left out."""
    for seed in range(4):
        made = convert(harmed(whole(kind), seed))
        if kind in {"ogg", "matroska", "webm"}:  # a wrong byte costs a page or a cluster, or all of them from there on
            assert made.seconds > 0
        else:
            assert made.seconds == pytest.approx(4, abs=1.2), f"seed {seed}"


@pytest.mark.parametrize("kind", SOUND)
def test_any_damage_gives_sound_or_a_reason(kind: str) -> None:
    for seed in range(6):
        rng = random.Random(seed)
        copy = bytearray(harmed(whole(kind), seed, share=rng.choice([0.001, 0.02, 0.2])))
        start = rng.randrange(len(copy))
        del copy[start : start + rng.randrange(1 + len(copy) // 4)]
        try:
            facts_in(bytes(copy))
            assert convert(bytes(copy)).seconds > 0
        except CannotConvert as refused:
            assert refused.reason in {"broken_file", "no_audio_track", "unsupported", "too_long", "too_large"}  # noqa: PT017
        except AssertionError:
            assert whole(kind)[:12] != copy[:12], f"seed {seed}"  # its very beginning is gone


def test_sound_of_which_most_packets_cannot_be_decoded_is_broken() -> None:
    copy = bytearray(make_media("matroska", seconds=4, video=False, sound_codec="flac"))
    at = 1000
    while (at := copy.find(b"\xff\xf8", at)) >= 0:  # the beginning of each FLAC frame
        copy[at : at + 2] = b"\0\0"
        at += 2
    assert reason_of(bytes(copy)) == "broken_file"


def test_a_packet_of_two_gibibytes_is_damage() -> None:
    """FFmpeg says that memory is missing, and would say so at every attempt."""
    data = bytearray(make_media("mp4", seconds=2, video=False))
    sizes = data.index(b"stsz") + 16  # of all packets, four bytes each (ISO/IEC 14496-12, 8.7.3)
    data[sizes + 40 : sizes + 44] = b"\x7f\xff\xff\xf0"
    assert 0 < convert(bytes(data)).seconds < 2


@pytest.mark.parametrize("kind", ["ogg", "mp3", "adts", "flac", "webm"])
def test_files_that_were_joined_play_one_after_another(kind: str) -> None:
    one, other = (make_media(kind, seconds=seconds, video=False) for seconds in (3, 2))
    made = convert(one + other)
    assert made.seconds == pytest.approx(5, abs=0.15)
    assert (made.media_seconds or facts_in(one + other).duration_seconds) == pytest.approx(5, abs=0.15)
    assert not made.truncated


@pytest.mark.parametrize("size", [0, 0x7FFF_F000, 0xFFFF_FFFF])
def test_a_recorder_that_could_not_go_back_wrote_no_size(size: int) -> None:
    data = bytearray(make_media("wav", seconds=2, video=False))
    for place in (4, data.index(b"data") + 4):
        data[place : place + 4] = size.to_bytes(4, "little")
    made = convert(bytes(data))
    assert (made.seconds, made.truncated) == (pytest.approx(2, abs=0.05), False)


def test_an_empty_last_page_is_no_damage() -> None:
    assert convert((KEPT / "empty-last-page.ogg").read_bytes()).seconds == pytest.approx(3, abs=0.05)


# Tracks that nobody has a key or a decoder for


@pytest.mark.parametrize("scheme", ["whole", "sound only"])
def test_what_is_encrypted_is_said_to_be(scheme: str) -> None:
    pictures = None if scheme == "sound only" else (lambda second: second)
    data = make_retimed("mp4", seconds=3, pictures=pictures, options=KEY)
    facts = facts_in(data)
    assert (facts.audio_codec, facts.duration_seconds) == ("aac", pytest.approx(3, abs=0.1))
    assert reason_of(data) == "encrypted"


def test_encrypted_pictures_make_no_poster() -> None:
    """A decoder hides what it cannot read behind a plain green."""
    data = make_retimed("mp4", seconds=6, options=KEY)
    with open_media(io.BytesIO(data), "mov") as media:
        assert poster_of(media, media.streams.video[0], 6) is None


@pytest.mark.parametrize("streams", [{0x100, 0x101}, {0x101}])
def test_a_scrambled_broadcast_is_said_to_be(streams: set[int]) -> None:
    """Pay television: the content of each packet is scrambled, or of the sound alone; the tables are not."""
    data, rng = bytearray(make_media("mpegts", seconds=2, width=1280, height=720)), random.Random(1)
    for at in range(0, len(data), 188):
        start = at + 4 + (1 + data[at + 4] if data[at + 3] & 0x20 else 0)
        if int.from_bytes(data[at + 1 : at + 3], "big") & 0x1FFF in streams and data[at + 3] & 0x10:
            data[at + 3] |= 0x80
            data[start : at + 188] = rng.randbytes(at + 188 - start)
    assert reason_of(bytes(data)) == "encrypted"


def test_protected_sound_of_which_nothing_is_known_is_said_to_be_encrypted() -> None:
    data = make_media("mov", sound_codec="pcm_s16le").replace(b"sowt", b"drms")
    assert reason_of(data) == "encrypted"
    unknown = make_media("mov", sound_codec="pcm_s16le", title="enca drms").replace(b"sowt", b"zzzz")
    assert reason_of(unknown) == "unsupported"


@pytest.mark.parametrize(
    ("container", "head", "encrypted"),
    [
        ("matroska", b"\x1a\x45\xdf\xa3\x16\x54\xae\x6b....\x50\x35....\x1f\x43\xb6\x75", True),
        ("matroska", b"\x1a\x45\xdf\xa3\x16\x54\xae\x6b....\x50\x33....\x1f\x43\xb6\x75\x50\x35", False),
        ("asf", bytes(30) + bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"), True),
        ("asf", bytes(60), False),
        ("mp3", b"\x50\x35enca", False),
    ],
)
def test_where_containers_say_that_they_are_encrypted(container: str, head: bytes, encrypted: bool) -> None:
    assert declares_encryption(io.BytesIO(head), container) is encrypted


def test_an_index_up_to_the_end_of_the_file_is_looked_into_and_endless_boxes_are_not() -> None:
    index = b"moov" + bytes(8) + b"stsd" + bytes(12) + b"enca"
    free = struct.pack(">I4s", 8, b"free")
    assert declares_encryption(io.BytesIO(free * 3 + bytes(4) + index), "mp4")
    reads = []

    class Counted(io.BytesIO):
        def read(self, length: int | None = -1, /) -> bytes:
            reads.append(length)
            return super().read(length)

    assert not declares_encryption(Counted(free * 100_000), "mp4")
    assert len(reads) < 1000


def test_pictures_without_a_decoder_do_not_keep_the_sound_from_being_had() -> None:
    data = make_media("mp4", seconds=2).replace(b"avc1", b"zzzz")
    facts = facts_in(data)
    assert (facts.video_codec, facts.width, facts.height, facts.frame_rate, facts.audio_codec) == (
        None,
        None,
        None,
        None,
        "aac",
    )
    assert convert(data).seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("kind", ["mp4", "matroska"])
def test_the_first_track_with_a_decoder_counts(kind: str) -> None:
    name = {"mp4": b"mp4a", "matroska": b"A_AAC"}[kind]
    data = make_retimed(kind, seconds=3, tones=2)
    place = data.index(name)
    data = data[:place] + b"zzzzz"[: len(name)] + data[place + len(name) :]
    facts = facts_in(data)
    assert (facts.audio_codec, facts.sample_rate, facts.channels) == ("aac", 44_100, 2)
    assert convert(data).seconds == pytest.approx(3, abs=0.1)


def test_sound_without_any_decoder_is_not_said_to_be_missing() -> None:
    data = make_media("mov", seconds=2, sound_codec="pcm_s16le").replace(b"sowt", b"zzzz")
    assert facts_in(data).audio_codec is None
    assert reason_of(data) == "unsupported"


# Channels


@pytest.mark.parametrize("channels", [3, 5, 7, 9, 11, 16, 24, 33])
def test_channels_of_any_number_are_mixed(channels: int) -> None:
    data = many_channels(channels)
    assert facts_in(data).channels == channels
    assert decoded_seconds(convert(data).mp3) == pytest.approx(1, abs=0.1)


def test_more_channels_than_can_be_mixed_are_unsupported() -> None:
    assert reason_of(many_channels(70)) == "unsupported"


def test_sound_from_all_around_is_heard_from_two_sides() -> None:
    data = (KEPT / "ambisonic.ogg").read_bytes()
    made = convert(data)
    assert made.seconds == pytest.approx(2, abs=0.05)
    assert peak(made) > 0.02


@pytest.mark.parametrize(
    "layout",
    ["FL+FR+FC+LFE+SL+SR+BL+BR", "FC+FL+FR", "BR+BL", "octagonal", "22.2", "7.1.4", "+".join(f"USR{i}" for i in range(12))],
)
def test_channels_in_any_order(layout: str) -> None:
    made = convert(make_media("mov", layout=layout, sound_codec="pcm_s16le", rate=48_000))
    assert made.seconds == pytest.approx(2, abs=0.05)
    assert peak(made) > 0.02


def peak(made: Converted) -> float:
    """Return the loudest sample; 1 is as loud as can be."""
    with av.open(io.BytesIO(made.mp3)) as file:
        planes = [memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples] for frame in file.decode(audio=0)]
    return max(max(map(abs, plane)) for plane in planes)


# What stands before, or is missing behind


@pytest.mark.parametrize(("kind", "size"), [("flac", 300), ("adts", 60_000), ("mp3", 200_000), ("wav", 300)])
def test_an_id3_tag_may_stand_before_any_sound(kind: str, size: int) -> None:
    data = make_media(kind, video=False)
    made = convert(with_id3(data, size))
    assert made.seconds == pytest.approx(decoded_seconds(data), abs=0.1)


@pytest.mark.parametrize("kind", ["mp3", "adts"])
@pytest.mark.parametrize("padding", [1, 1000, 40_000, 200_000])
def test_zeros_before_the_first_frame_are_skipped(kind: str, padding: int) -> None:
    data = make_media(kind, video=False)
    assert convert(bytes(padding) + data).seconds == pytest.approx(decoded_seconds(data), abs=0.1)


@pytest.mark.parametrize("kind", ["mp3", "adts", "mpegts"])
def test_a_recording_may_begin_in_the_middle_of_a_frame(kind: str) -> None:
    data = make_media(kind, seconds=4, video=kind in VIDEO)
    for start in (101, 1003):
        assert convert(data[start:]).seconds == pytest.approx(4, abs=0.4)


@pytest.mark.parametrize(("before", "behind"), [(0, 0), (4, 0), (0, 16)])
def test_packets_of_a_transport_stream_of_every_length(before: int, behind: int) -> None:
    plain = make_media("mpegts", seconds=3)
    data = b"".join(bytes(before) + plain[at : at + 188] + bytes(behind) for at in range(0, len(plain), 188))
    for start in (0, 77):
        assert convert(data[start:]).seconds == pytest.approx(3, abs=0.4)


@pytest.mark.parametrize("kind", ["webm", "matroska", "mp4", "mov", "avi", "wav", "flac", "mp3"])
def test_a_file_of_which_an_end_is_missing_says_so(kind: str) -> None:
    data = make_media(kind, seconds=6, video=kind in VIDEO, index_in_front=kind in {"mp4", "mov"})
    cut = data[: int(len(data) * 0.6)]
    assert convert(cut).truncated
    assert facts_in(cut).truncated is (kind not in {"flac", "mp3"})  # their length is only known by decoding
    assert not facts_in(data).truncated
    assert not convert(data).truncated


@pytest.mark.parametrize("tag", [b"APETAGEX" + bytes(24), b"TAG" + b"x" * 125])
def test_a_tag_behind_the_last_box_is_no_box(tag: bytes) -> None:
    assert not facts_in(make_media("mp4") + tag).truncated


def test_tags_in_no_known_script_are_no_obstacle() -> None:
    data = make_media("mp4", title="Xitle-of-some-length").replace(b"Xitle", b"\xff\xfe\xe4\xf6\xfc")
    assert facts_in(data).audio_codec == "aac"
    assert convert(data).seconds == pytest.approx(2, abs=0.1)
