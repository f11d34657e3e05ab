from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.media.media_types import TYPES, UNKNOWN, canonical, clean_content_type, extension_of, fits, media_type_for
from tests.fixtures.bookkeeping import POLICY
from tests.fixtures.openapi_document import ROOT

ALL = [(kind, extension) for names, extensions in TYPES.items() for kind in names for extension in extensions]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("film.mp4", "video/mp4"),
        ("talk.MP3", "audio/mpeg"),
        ("talk.m4a", "audio/mp4"),
        ("book.m4b", "audio/mp4"),
        ("talk.wav", "audio/wav"),
        ("talk.flac", "audio/flac"),
        ("talk.ogg", "audio/ogg"),
        ("film.ogv", "video/ogg"),
        ("talk.opus", "audio/ogg"),
        ("a.b.webm", "video/webm"),
        ("film.mkv", "video/x-matroska"),
        ("dvd.vob", "video/mpeg"),
        ("film.mpe", "video/mpeg"),
        ("film.m2t", "video/mp2t"),
        ("film.qt", "video/quicktime"),
        ("film.f4v", "video/mp4"),
        ("film.m2v", "video/mpeg"),
        ("tape.dv", "video/dv"),
        ("talk.caf", "audio/x-caf"),
        ("notes.txt", UNKNOWN),
        ("mp3", UNKNOWN),
        (".mp3", "audio/mpeg"),
    ],
)
def test_the_ending_says_it_where_nobody_else_does(name: str, expected: str) -> None:
    for said in (None, "", UNKNOWN, "binary/octet-stream", "application/octet-stream; charset=binary"):
        assert media_type_for(name, said) == expected


def test_what_may_be_sound_or_pictures_is_told_by_the_ending() -> None:
    assert media_type_for("a.mxf", "application/mxf") == "video/mxf"
    assert media_type_for("a.ra", "application/vnd.rn-realmedia") == "audio/vnd.rn-realaudio"


def test_what_a_client_says_counts() -> None:
    assert media_type_for("film.mp4", "video/webm") == "video/webm"
    assert media_type_for("film.mp4", "text/plain") == "text/plain"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("video/mp4", "video/mp4"),
        (" Video/MP4 ", "video/mp4"),
        ("video/x-m4v", "video/x-m4v"),
        ("video/webm;codecs=vp9", "video/webm"),
        ('audio/webm ; codecs="opus; x"', "audio/webm"),
        ("video/x-matroska;codecs=avc1,opus", "video/x-matroska"),
    ],
)
def test_parameters_are_dropped(raw: str, clean: str) -> None:
    assert clean_content_type(raw) == media_type_for("a", raw) == clean


@pytest.mark.parametrize(
    "raw", [None, 1, "", "video", "video/", "/mp4", ";codecs=vp9", "video/mp4\r\nX: y", "vidéo/mp4", "a/b/c"]
)
def test_what_is_no_media_type(raw: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        clean_content_type(raw)
    assert refused.value.field == "content_type"


@pytest.mark.parametrize(("kind", "extension"), ALL)
def test_every_type_is_stored_with_every_ending_of_its(kind: str, extension: str) -> None:
    assert clean_content_type(kind) == kind
    assert fits(f"a.{extension.upper()}", kind)
    assert POLICY.accepts(kind, chunked=True)
    assert canonical(media_type_for(f"a.{extension}")) == canonical(kind)


def test_no_ending_and_no_name_stands_for_two() -> None:
    names, extensions = [n for known in TYPES for n in known], [e for known in TYPES.values() for e in known]
    assert len(names) == len(set(names))
    assert len(extensions) == len(set(extensions))


@pytest.mark.parametrize(
    "kind", ["video/html", "video/svg+xml", "video/x+xml", "video/any", "audio/mpegurl", "audio/x-mpegurl"]
)
def test_no_other_type_of_a_family_is_meant_by_it(kind: str) -> None:
    assert not POLICY.accepts(kind, chunked=True)
    assert replace(POLICY, content_types=("video/*", kind)).accepts(kind)  # a deployment may name it


def test_a_setting_names_a_type_by_any_of_its_names() -> None:
    policy = replace(POLICY, content_types=("video/avi",))
    assert [policy.accepts(kind) for kind in ("video/x-msvideo", "video/avi", "video/mp4")] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("setup.exe", "exe"),
        ("film.mp4.exe", "exe"),
        ("setup.EXE", "exe"),
        ("setup.exe.", "exe"),
        ("setup.exe . .", "exe"),
        (".htaccess", "htaccess"),
        ("a.settingcontent-ms", "settingcontent-ms"),
        ("archive.7z", "7z"),
        ("Part 1.5", None),
        ("2026.11.28", None),
        ("Mr. Smith", None),
        ("clip", None),
        ("...", None),
        ("Über.uns.😀", None),
    ],
)
def test_endings(name: str, extension: str | None) -> None:
    assert extension_of(name) == extension
    assert fits(name, "video/mp4") is (extension is None)


def test_sound_s_endings_are_no_video_s() -> None:
    assert not fits("song.mp3", "video/mp4")
    assert fits("song.ogg", "video/ogg")
    assert fits("song.mp4", "audio/mp4")
    assert fits("clip.webm", "video/mp4")  # browsers and scripts often say the wrong one of two


@given(st.text())
def test_any_name_gets_an_answer(name: str) -> None:
    assert media_type_for(name) in {UNKNOWN, *(kind for names in TYPES for kind in names)}
    assert fits(name, "video/mp4") in {True, False}


def test_the_media_page_has_the_table() -> None:
    page = (ROOT / "docs" / "media.md").read_text(encoding="utf-8")
    section = page.partition("## What is taken")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]*) \| (`(?:video|audio)/[^|]*) \|$", section, re.MULTILINE)
    listed = {
        tuple(re.findall(r"`([^`]*)`", names)): tuple(re.findall(r"`\.([^`]*)`", extensions)) for extensions, names in rows
    }
    assert listed == TYPES
