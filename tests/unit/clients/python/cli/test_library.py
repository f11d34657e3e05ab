"""Lists, details and downloads, for people and for programs; and what is said when something is wrong."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from reelgate_client import errors
from reelgate_client.cli import app, words
from reelgate_client.cli.commands.sharing import seconds_of
from reelgate_client.cli.commands.usage import month_of
from reelgate_client.cli.exit_codes import MEANINGS, ExitCode, exit_code_of, exit_code_of_all
from tests.fixtures.openapi_document import ROOT

CONTENT = bytes(range(256)) * 2000


@pytest.fixture(autouse=True)
def video(fake) -> None:
    fake.video("holiday-1", "holiday.mp4", CONTENT, title="At the sea")
    fake.bucket.put_object("holiday-1-mp3", b"sound" * 1000)


def test_a_list_is_for_people_or_for_programs(reelgate) -> None:
    assert "holiday-1" in reelgate("ls").out
    [document] = reelgate("ls", "--json").lines
    assert [one["video_id"] for one in document["items"]] == ["holiday-1"]
    assert "no such video" in reelgate("ls", "mountains").err


def test_names_cannot_write_to_the_terminal(reelgate, fake) -> None:
    fake.video("v2", "a[red].mp4", b"x", title="\x1b[31mred\x07")
    out = reelgate("ls").out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "a[red].mp4" in out


def test_details_are_lines_or_a_document(reelgate) -> None:
    assert "name       holiday.mp4" in reelgate("info", "At the sea").out
    [document] = reelgate("info", "holiday.mp4", "--json").lines
    assert document["title"] == "At the sea"


def test_a_video_that_is_not_there(reelgate) -> None:
    ran = reelgate("info", "mountains.mp4", "--json")
    assert (ran.code, ran.out) == (6, "")
    assert json.loads(ran.err)["error"]["code"] == "video_not_found"


def test_downloads_print_where_they_are(reelgate, tmp_path, fake) -> None:
    fake.video("v2", "clip.mp4", b"clip")
    ran = reelgate("download", "holiday.mp4", "clip.mp4", "-o", tmp_path)
    assert ran.out.splitlines() == [str(tmp_path / "holiday.mp4"), str(tmp_path / "clip.mp4")]
    assert (tmp_path / "holiday.mp4").read_bytes() == CONTENT


def test_an_mp3(reelgate, tmp_path) -> None:
    assert reelgate("download", "holiday.mp4", "--mp3", "-o", tmp_path / "sea.mp3").code == 0
    assert (tmp_path / "sea.mp3").read_bytes() == b"sound" * 1000


def test_one_that_fails_does_not_stop_the_others(reelgate, tmp_path) -> None:
    (tmp_path / "holiday.mp4").write_bytes(b"mine")
    ran = reelgate("download", "missing.mp4", "holiday-1", "-o", tmp_path)
    assert ran.code == 1
    assert "--force replaces it" in ran.err
    assert reelgate("download", "holiday-1", "-o", tmp_path, "--force").code == 0


def test_a_server_that_is_away(reelgate, fake) -> None:
    def refuse(_request):
        raise httpx.ConnectError("refused")

    fake.faults.append(refuse)
    ran = reelgate("ls")
    assert ran.code == 5
    assert "cannot be reached" in ran.err


def test_another_server_at_the_url(reelgate, fake) -> None:
    fake.faults.append(lambda _: httpx.Response(200, text="<html>"))
    ran = reelgate("ls")
    assert ran.code == 1
    assert "Is this the URL of a Reelgate deployment?" in ran.err


def test_every_command_has_help_with_an_example(reelgate) -> None:
    def groups(group, path=()):
        for one in group.registered_commands:
            yield (*path, one.name)
        for one in group.registered_groups:
            yield from groups(one.typer_instance, (*path, one.name))

    names = list(groups(app.app))
    assert len(names) > 25
    for name in names:
        ran = reelgate(*name, "--help")
        assert ran.code == 0
        assert "Examples:" in ran.out, name
        assert f"reelgate {' '.join(name)}" in ran.out, name


def test_exit_codes_follow_from_kinds_of_errors() -> None:
    assert exit_code_of(errors.LimitReached("x", "X")) is ExitCode.LIMIT
    assert exit_code_of(errors.UploadEnded("x", "X")) is ExitCode.FAILED
    assert exit_code_of_all([None, None]) is ExitCode.OK
    assert exit_code_of_all([None, errors.NotFound("x", "X"), errors.NotFound("y", "Y")]) is ExitCode.NOT_FOUND
    assert exit_code_of_all([errors.NotFound("x", "X"), errors.LimitReached("y", "Y")]) is ExitCode.FAILED
    assert MEANINGS.keys() == set(ExitCode)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_999, "1.0 MB"), (18_500_000, "18.5 MB"), (None, "-")]
)
def test_sizes_in_words(count, text) -> None:
    assert words.size(count) == text


def test_durations() -> None:
    assert [words.duration(one) for one in (None, 4, 75, 3700)] == ["-", "0:04", "1:15", "1:01:40"]
    assert [seconds_of(one) for one in (None, "90m", "2w")] == [None, 5400, 1209600]


def test_months() -> None:
    first, last = month_of("2024-02")
    assert (str(first), str(last)) == ("2024-02-01", "2024-02-29")


def test_the_page_has_every_exit_code_with_its_meaning_and_every_command() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", page, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == {int(code): meaning for code, meaning in MEANINGS.items()}
    names = [one.name for one in app.app.registered_commands] + [one.name for one in app.app.registered_groups]
    assert [name for name in names if not re.search(rf"`[^`\n]*\b{name}\b", page)] == []
