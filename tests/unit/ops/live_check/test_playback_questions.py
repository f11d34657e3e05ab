"""The questions of playback tell the answers apart that matter, and leave nothing in the bucket."""

from __future__ import annotations

import pytest

from ops.live_check import playback, questions
from ops.live_check.report import AGREES, DIFFERS, NOT_ASKED
from ops.live_check.storage import CannotAsk

from .bucket import FakeStorage
from .targets import found


def verdict_of(ask: object, cloud: FakeStorage, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Return what is seen and the verdict of one question, after which the bucket must be empty."""
    [asked] = [one for one in questions.QUESTIONS if one[1] is ask]
    monkeypatch.setattr(questions, "QUESTIONS", (asked,))
    storage = cloud.storage()
    questions.ask_all(storage)
    assert storage.target.clean_up() == []
    assert not cloud.objects
    return found(storage.target)[asked[0]]


@pytest.mark.parametrize("ask", [playback.cors_of_errors, playback.composed, playback.session_type])
def test_a_bucket_that_does_as_assumed_agrees(ask: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict_of(ask, FakeStorage(), monkeypatch)[1] == AGREES


def test_errors_that_scripts_may_not_read_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = FakeStorage(cors=(200,))
    seen = "preflight: yes, 400 ExpiredToken: no, 403 SignatureDoesNotMatch: no"
    assert verdict_of(playback.cors_of_errors, cloud, monkeypatch) == (seen, DIFFERS)


def test_a_bucket_that_no_script_may_read_is_told_from_that(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = FakeStorage(cors=())
    seen = "preflight: no, 400 ExpiredToken: no, 403 SignatureDoesNotMatch: no"
    assert verdict_of(playback.cors_of_errors, cloud, monkeypatch) == (seen, DIFFERS)


def test_one_byte_between_pieces_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = FakeStorage(joined_by=b"+")
    seen = "two pieces: 200 other bytes, with a third: 200 other bytes, over a seam: 206 other bytes, video/mp4"
    assert verdict_of(playback.composed, cloud, monkeypatch) == (seen, DIFFERS)


def test_a_type_taken_from_the_put_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = FakeStorage(put_decides_type=True)
    seen = f"opened by the server: 200, {playback.SENT}, by the client: 200, {playback.SENT}"
    assert verdict_of(playback.session_type, cloud, monkeypatch) == (seen, DIFFERS)


def test_without_credentials_nothing_is_asked_and_nothing_is_left_to_remove() -> None:
    storage = FakeStorage().storage(with_credentials=False)
    questions.ask_all(storage)
    assert {verdict for _, verdict in found(storage.target).values()} == {NOT_ASKED}
    assert storage.target.clean_up() == []
    with pytest.raises(CannotAsk, match="application-default login"):
        storage.remove("live-check/runs/x/y")
