"""The trash: what is restored or removed for good is what was meant."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def trash(fake) -> None:
    """Two deleted videos of one name, and a third one whose title is that name."""
    fake.video("holiday-1", "holiday.mp4", b"x" * 1000)
    fake.video("holiday-2", "holiday.mp4", b"y" * 2000)
    fake.video("mountains-1", "mountains.mp4", b"z" * 3000, title="holiday.mp4")
    for one in fake.uploads.values():
        one.trashed = True


@pytest.mark.parametrize("command", [("restore",), ("purge", "--yes")], ids=["restore", "purge"])
def test_a_name_that_several_have_is_refused(reelgate, fake, command) -> None:
    ran = reelgate("trash", *command, "holiday.mp4")
    assert ran.code == 6
    assert all(one in ran.err for one in ("holiday-1", "holiday-2", "mountains-1", "2026-11-03", "2.0 kB"))
    assert all(one.trashed for one in fake.uploads.values())
    assert len(fake.uploads) == 3


def test_an_id_is_one_video(reelgate, fake) -> None:
    assert reelgate("trash", "restore", "holiday-2").code == 0
    assert [one.upload_id for one in fake.uploads.values() if not one.trashed] == ["holiday-2"]
    assert reelgate("trash", "purge", "--yes", "holiday-1").code == 0
    assert fake.uploads.keys() == {"holiday-2", "mountains-1"}


def test_a_name_that_one_has_is_enough(reelgate, fake) -> None:
    assert reelgate("trash", "purge", "--yes", "mountains.mp4").code == 0
    assert fake.uploads.keys() == {"holiday-1", "holiday-2"}
    assert reelgate("trash", "purge", "--yes", "mountains.mp4").code == 6
