"""The states of a file's record, without anything around them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from reelgate.adapters.records.derived_media import decode, encode
from reelgate.domain.media.conversion import LEASE, Reason
from reelgate.domain.media.derived_media import PERMANENT, Audio, DerivedMedia, Facts, LeaseLost
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.openapi_document import ROOT

NEW = DerivedMedia(uid="ada", file_id="f1", filename="a.mp4", generation=7)
WANTED = NEW.with_request(automatic=True)
TAKEN = WANTED.taken("run-1", NOON, order="order-1")


def ended(reason: Reason) -> DerivedMedia:
    return TAKEN.refused("run-1", reason)


def test_an_automatic_deployment_wants_sound_and_the_other_one_waits_to_be_asked() -> None:
    assert WANTED.audio.state == "queued"
    waiting = NEW.with_request(automatic=False)
    assert (waiting.audio.state, waiting.has_work) == ("none", True)  # to be looked into
    assert waiting.with_request(request=1, automatic=False).audio.state == "queued"


def test_a_run_counts_before_it_works_and_has_the_file_for_a_while() -> None:
    assert (TAKEN.attempts, TAKEN.audio.state, TAKEN.order) == (1, "running", "order-1")
    assert TAKEN.leased(NOON + LEASE - timedelta(seconds=1))
    assert not TAKEN.leased(NOON + LEASE)
    later = NOON + timedelta(seconds=60)
    renewed = TAKEN.renewed("run-1", later, percent=40)
    assert renewed.leased(NOON + LEASE)
    assert renewed.audio.progress_percent == 40


@pytest.mark.parametrize("lease", [None, "run-2"])
def test_who_has_lost_the_lease_writes_nothing(lease: str | None) -> None:
    record = replace(TAKEN, lease=None) if lease is None else WANTED.taken(lease, NOON, order="order-1")
    writes = [
        lambda: record.renewed("run-1", NOON, percent=1),
        lambda: record.examined("run-1", None, "none"),
        lambda: record.finished("run-1", size=1, duration_seconds=1, now=NOON),
        lambda: record.refused("run-1", "gone"),
        lambda: record.left("run-1", counts=True),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()


def test_a_finished_one_is_announced_once_and_asked_for_again_in_vain() -> None:
    done = TAKEN.finished("run-1", size=9, duration_seconds=1.23456, now=NOON)
    assert done.audio == Audio(state="ready", progress_percent=100, size=9, duration_seconds=1.235, ready_at=NOON)
    assert (done.outcome, done.lease) == ("audio.ready", None)
    assert done.marked_announced().outcome is None
    assert done.with_request(request=1, automatic=True, restored=True).audio == done.audio


def test_sound_tells_how_long_a_file_is_that_does_not_know_it() -> None:
    known = TAKEN.examined("run-1", Facts(container="webm"), "ready")
    done = known.finished("run-1", size=9, duration_seconds=2.5, now=NOON)
    assert done.facts == Facts(container="webm", duration_seconds=2.5)


def test_what_decoding_shows_is_what_a_file_is() -> None:
    known = TAKEN.examined("run-1", Facts(container="mp3", duration_seconds=54.3), "none")
    right = known.finished("run-1", size=9, duration_seconds=30, now=NOON)
    assert right.facts == known.facts
    wrong = known.finished("run-1", size=9, duration_seconds=30, media_seconds=30.0412, truncated=True, now=NOON)
    assert wrong.facts == Facts(container="mp3", duration_seconds=30.041, truncated=True)
    cut = replace(known, facts=Facts(container="webm", truncated=True)).finished("run-1", size=9, duration_seconds=3, now=NOON)
    assert cut.facts == Facts(container="webm", duration_seconds=3, truncated=True)


@pytest.mark.parametrize("reason", get_args(Reason))
def test_what_can_be_tried_again_is_tried_when_somebody_asks(reason: Reason) -> None:
    record = ended(reason)
    assert record.audio.state in {"failed", "skipped"}
    assert record.with_request(automatic=True).audio.state == record.audio.state  # never by itself
    again = record.marked_announced().with_request(request=1, automatic=False)
    assert (again.audio.state == "queued") is (reason not in PERMANENT)
    if reason not in PERMANENT:
        assert (again.attempts, again.announced, again.request) == (0, False, 1)
    assert again.with_request(request=1, automatic=False) == again  # the same message once more


def test_out_of_the_trash_only_what_was_interrupted_by_it_is_tried_again() -> None:
    assert ended("gone").outcome is None
    assert ended("gone").with_request(restored=True, automatic=False).audio.state == "queued"
    assert ended("too_slow").with_request(restored=True, automatic=True).audio.state == "failed"


def test_a_run_that_ends_without_outcome_counts_only_if_it_was_the_file_s_fault() -> None:
    assert TAKEN.left("run-1", counts=True).attempts == 1
    left = TAKEN.left("run-1", counts=False)
    assert (left.attempts, left.audio.state, left.lease) == (0, "queued", None)


def test_a_file_that_every_run_died_of_is_left_alone() -> None:
    record = TAKEN.exhausted(order="order-2")
    assert (record.audio.reason, record.examination, record.has_work) == ("attempts_exhausted", "failed", False)
    assert record.order == "order-2"


@pytest.mark.parametrize(
    "record", [NEW, TAKEN, ended("too_long"), TAKEN.examined("run-1", Facts(container="mp4", width=1), "ready")]
)
def test_a_record_survives_its_document_and_newer_fields(record: DerivedMedia) -> None:
    fields = encode(record)
    assert decode(fields) == record
    fields["a_field_of_tomorrow"] = 1
    fields["audio"]["another"] = 2
    assert decode(fields) == record


def test_a_record_of_an_older_version_is_read() -> None:
    fields = encode(TAKEN.examined("run-1", Facts(container="mp4", width=1), "ready"))
    del fields["facts"]["truncated"]
    assert decode(fields).facts == Facts(container="mp4", width=1, truncated=False)


def test_nothing_of_it_is_indexed_because_nothing_asks_for_it() -> None:
    declared = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))["fieldOverrides"]
    exempt = {o["fieldPath"] for o in declared if o["collectionGroup"] == "media" and o["indexes"] == []}
    assert exempt == encode(NEW).keys()
