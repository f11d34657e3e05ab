"""The comparison with FFmpeg's command line counts what is there, and damages the same bytes every time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.media import agreement
from bench.media.agreement import Sample, Verdict, differences, report
from bench.media.corpus import DAMAGES, KINDS, damaged, make
from bench.media.ffmpeg_reference import Played, summed_up
from reelgate.domain.media.audio import Audio
from reelgate.domain.media.conversion import Reason
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.examination import Facts
from tests.fixtures.openapi_document import ROOT

PLAYED = Played(pictures=100, sound_seconds=3.0, sound_end=4.0, said="")
VIDEO = KINDS[0]
FRAMES = """\
#software: Lavf59.27.100
#tb 0: 1/25
#media_type 0: video
#codec_id 0: rawvideo
#tb 1: 1/44100
#media_type 1: audio
#codec_id 1: pcm_s16le
0,          0,          0,        1,    38016, 0xb3a0b3b1
1,      44100,      44100,    22050,    88200, 0x00000000
0,          1,          1,        1,    38016, 0xb3a0b3b1
1,     110250,     110250,    22050,    88200, 0x00000000
"""
CODECS = {
    "amrnb": "amr_nb",
    "amrwb": "amr_wb",
    "dca": "dts",
    "flv": "flv1",
    "libaom-av1": "av1",
    "libgsm_ms": "gsm_ms",
    "libmp3lame": "mp3",
    "libopus": "opus",
    "libspeex": "speex",
    "libtheora": "theora",
    "libvorbis": "vorbis",
    "libvpx": "vp8",
    "libvpx-vp9": "vp9",
    "libx264": "h264",
    "libx265": "hevc",
    "msmpeg4": "msmpeg4v3",
    "prores_ks": "prores",
    "wrapped_avframe": "rawvideo",
}
"""What encoders make, by FFmpeg's names, where the two differ."""


def a_record(
    *, seconds: float | None = 4.0, reason: Reason | None = None, poster: str = "ready", facts: bool = True
) -> DerivedMedia:
    audio = Audio(state="failed", reason=reason) if reason else Audio(state="ready", duration_seconds=seconds)
    about = {"uid": "ada", "file_id": "1", "filename": "a.mp4", "generation": 1}
    return DerivedMedia(**about, audio=audio, poster=poster, facts=Facts(container="mp4") if facts else None)  # type: ignore[arg-type]


def whole() -> Sample:
    return Sample(VIDEO, None, Path("a.mp4"))


def broken() -> Sample:
    return Sample(VIDEO, "hole", Path("a.mp4"))


def test_frames_are_counted_and_silence_belongs_to_the_length() -> None:
    assert summed_up(FRAMES, said="") == Played(pictures=2, sound_seconds=1.0, sound_end=3.0, said="")
    assert summed_up("", said="Invalid data") == Played(0, 0.0, 0.0, "Invalid data")


def test_a_whole_file_plays_to_its_end() -> None:
    assert differences(whole(), PLAYED, a_record()) == []
    assert differences(whole(), PLAYED, a_record(seconds=3.0)) == ["sound of 3.0 s, not 4.00 to 4.00"]


def test_of_a_damaged_one_anything_between_its_sound_and_its_length_is_right() -> None:
    for seconds in (3.0, 3.5, 4.0, 4.6):
        assert differences(broken(), PLAYED, a_record(seconds=seconds)) == []
    assert differences(broken(), PLAYED, a_record(seconds=2.0)) != []
    assert differences(broken(), PLAYED, a_record(seconds=5.0)) != []


@pytest.mark.parametrize(
    ("record", "word"),
    [
        (None, "tried again"),
        (a_record(reason="broken_file"), "no sound: failed, broken_file"),
        (a_record(poster="failed"), "no picture: failed"),
        (a_record(facts=False), "no facts"),
    ],
)
def test_what_ffmpeg_plays_and_we_do_not_is_a_difference(record: DerivedMedia | None, word: str) -> None:
    for sample in (whole(), broken()):
        assert any(word in difference for difference in differences(sample, PLAYED, record))


def test_what_ffmpeg_does_not_play_has_to_end_for_good() -> None:
    nothing = Played(0, 0.0, 0.0, "Invalid data")
    assert differences(broken(), nothing, a_record(reason="broken_file", poster="none", facts=False)) == []
    exhausted = a_record(reason="attempts_exhausted", poster="none", facts=False)
    assert differences(broken(), nothing, exhausted) == ["attempts_exhausted is not permanent"]


def test_more_than_ffmpeg_plays_is_a_fault_in_whole_files_only() -> None:
    nothing = Played(0, 0.0, 0.0, "")
    assert differences(whole(), nothing, a_record()) == ["sound only by us", "a picture only by us"]
    assert differences(broken(), nothing, a_record()) == []


def test_the_report_counts_and_names_who_differs(capsys: pytest.CaptureFixture[str]) -> None:
    def verdict(name: str, damage: str | None, *found: str) -> Verdict:
        return Verdict(name, "mp4", damage, f"{name}.mp4", "100 pictures", "poster ready", list(found))

    shares = report([verdict("a", None), verdict("a", "cut"), verdict("a", "hole", "no sound"), verdict("b", "cut")])
    assert shares == {"whole": 100.0, "damaged": pytest.approx(66.7, abs=0.1)}
    said = capsys.readouterr().out
    assert "cut 2/2; hole 0/1; whole 1/1" in said
    assert "- a (a.mp4): no sound" in said


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_the_same_every_time_and_never_none(damage: str) -> None:
    data = bytes(range(256)) * 40
    first = damaged(data, VIDEO, damage, 0)
    assert first != data
    assert first == damaged(data, VIDEO, damage, 0)
    assert first != damaged(data, VIDEO, damage, 1)


def test_without_ffmpeg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sys.argv", ["media_agreement"])
    assert agreement.main() == 2
    assert "apt-get install -y ffmpeg" in capsys.readouterr().err


def test_speech_is_written_without_ffmpeg(tmp_path: Path) -> None:
    for kind in KINDS:
        if kind.container == "amr":
            assert make(kind, tmp_path, 1).read_bytes().startswith(b"#!AMR")


def test_the_media_page_lists_what_is_tried() -> None:
    page = (ROOT / "docs" / "media.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", page.partition("## What is played")[2], re.MULTILINE)
    listed = {
        container: (set(re.findall(r"`(\w+)`", pictures)), set(re.findall(r"`(\w+)`", sound)))
        for container, pictures, sound in rows
    }
    tried: dict[str, tuple[set[str], set[str]]] = {}
    for kind in KINDS:
        pictures, sound = tried.setdefault(kind.container, (set(), set()))
        for codecs, encoder in ((pictures, kind.picture), (sound, kind.sound)):
            if encoder:
                codecs.add(CODECS.get(encoder[0], encoder[0]))
    assert listed == tried
