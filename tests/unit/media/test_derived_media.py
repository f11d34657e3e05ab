"""The states of a file's record, without anything around them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from reelgate.adapters.records.derived_media import decode, encode
from reelgate.domain.media.conversion import LEASE, Reason
from reelgate.domain.media.derived_media import (
    EXPENSIVE,
    MAX_EXPENSIVE_REQUESTS,
    PERMANENT,
    Audio,
    DerivedMedia,
    Lease,
    LeaseLost,
    state_of,
)
from reelgate.domain.media.examination import Facts, Findings, PosterState
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.openapi_document import ROOT

DAY = NOON.date()
NEW = DerivedMedia(uid="ada", file_id="f1", filename="a.mp4", generation=7)
WANTED = NEW.with_request(automatic=True)
TAKEN = WANTED.taken("run-1", NOON, order="order-1", day=DAY, charged=540)


def found(facts: Facts, poster: PosterState = "none") -> Findings:
    return Findings(facts=facts, size=100, poster=poster, poster_bytes=30 if poster == "ready" else 0)


def ended(reason: Reason) -> DerivedMedia:
    return TAKEN.refused("run-1", reason, now=NOON)


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
    record = replace(TAKEN, lease=None) if lease is None else WANTED.taken(lease, NOON, order="order-1", day=DAY, charged=540)
    writes = [
        lambda: record.renewed("run-1", NOON, percent=1),
        lambda: record.examined("run-1", found(Facts(container="mp4"))),
        lambda: record.finished("run-1", size=1, file_size=100, duration_seconds=1, now=NOON),
        lambda: record.refused("run-1", "gone", now=NOON),
        lambda: record.left("run-1", counts=True, now=NOON),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()


def test_a_finished_one_is_announced_once_and_asked_for_again_in_vain() -> None:
    done = TAKEN.finished("run-1", size=9, file_size=100, duration_seconds=1.23456, now=NOON)
    assert done.audio == Audio(state="ready", progress_percent=100, size=9, duration_seconds=1.235, ready_at=NOON)
    assert (done.outcome, done.lease) == ("audio.ready", None)
    assert done.marked_announced().outcome is None
    assert done.with_request(request=1, automatic=True, restored=True).audio == done.audio


def test_sound_tells_how_long_a_file_is_that_does_not_know_it() -> None:
    known = TAKEN.examined("run-1", found(Facts(container="webm"), "ready"))
    done = known.finished("run-1", size=9, file_size=100, duration_seconds=2.5, now=NOON)
    assert done.facts == Facts(container="webm", duration_seconds=2.5)


def test_what_decoding_shows_is_what_a_file_is() -> None:
    known = TAKEN.examined("run-1", found(Facts(container="mp3", duration_seconds=54.3)))
    right = known.finished("run-1", size=9, file_size=100, duration_seconds=30, now=NOON)
    assert right.facts == known.facts
    wrong = known.finished("run-1", size=9, file_size=100, duration_seconds=30, media_seconds=30.0412, truncated=True, now=NOON)
    assert wrong.facts == Facts(container="mp3", duration_seconds=30.041, truncated=True)
    cut = replace(known, facts=Facts(container="webm", truncated=True)).finished(
        "run-1", size=9, file_size=100, duration_seconds=3, now=NOON
    )
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
    assert TAKEN.left("run-1", counts=True, now=NOON).attempts == 1
    left = TAKEN.left("run-1", counts=False, now=NOON)
    assert (left.attempts, left.audio.state, left.lease) == (0, "queued", None)


def test_a_file_that_every_run_died_of_is_left_alone() -> None:
    record = TAKEN.exhausted(order="order-2")
    assert (record.audio.reason, record.examination, record.has_work) == ("attempts_exhausted", "failed", False)
    assert record.order == "order-2"


@pytest.mark.parametrize(
    "record", [NEW, TAKEN, ended("too_long"), TAKEN.examined("run-1", found(Facts(container="mp4", width=1), "ready"))]
)
def test_a_record_survives_its_document_and_newer_fields(record: DerivedMedia) -> None:
    fields = encode(record)
    assert decode(fields) == record
    fields["a_field_of_tomorrow"] = 1
    fields["audio"]["another"] = 2
    assert decode(fields) == record


def test_a_record_of_an_older_version_is_read() -> None:
    fields = encode(TAKEN.examined("run-1", found(Facts(container="mp4", width=1), "ready")))
    del fields["facts"]["truncated"]
    assert decode(fields).facts == Facts(container="mp4", width=1, truncated=False)


def test_only_what_is_added_up_is_indexed() -> None:
    declared = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))["fieldOverrides"]
    exempt = {o["fieldPath"] for o in declared if o["collectionGroup"] == "media" and o["indexes"] == []}
    assert exempt == encode(NEW).keys() - {"extra_bytes"} | {"expires_at"}


def test_a_run_is_charged_in_advance_and_corrected_when_it_ends() -> None:
    assert (TAKEN.run_day, TAKEN.run_seconds) == ("2026-11-03", 540)
    later = NOON + timedelta(seconds=7, milliseconds=1)
    renewed = TAKEN.renewed("run-1", later, percent=1)
    assert renewed.run_seconds == 540
    for done in (
        renewed.refused("run-1", "broken_file", now=later),
        renewed.left("run-1", counts=True, now=later),
        renewed.finished("run-1", size=9, file_size=100, duration_seconds=1, now=later),
    ):
        assert (done.run_seconds, done.lease) == (8, None)
    assert TAKEN.left("run-1", counts=False, now=NOON).run_seconds == 1


def test_a_run_that_died_stays_charged_and_a_new_day_starts_at_0() -> None:
    late = NOON + LEASE
    again = TAKEN.taken("run-2", late, order="order-1", day=DAY, charged=540)
    assert again.run_seconds == 1080
    assert again.left("run-2", counts=True, now=late + timedelta(seconds=4)).run_seconds == 544
    tomorrow = TAKEN.taken("run-2", late, order="order-1", day=DAY + timedelta(days=1), charged=540)
    assert (tomorrow.run_day, tomorrow.run_seconds) == ("2026-11-04", 540)


def test_a_run_of_an_older_version_is_charged_nothing() -> None:
    old = replace(TAKEN, lease=Lease(holder="run-1", until=NOON), run_day=None, run_seconds=0)
    assert old.left("run-1", counts=True, now=NOON).run_seconds == 0


def test_what_is_larger_than_the_file_counts() -> None:
    poster = TAKEN.examined("run-1", Findings(facts=Facts(container="mp4"), size=100, poster="ready", poster_bytes=130))
    assert (poster.poster_bytes, poster.extra_bytes) == (130, 30)
    assert poster.finished("run-1", size=50, file_size=100, duration_seconds=1, now=NOON).extra_bytes == 80
    small = TAKEN.examined("run-1", Findings(facts=Facts(container="mp4"), size=100, poster="ready", poster_bytes=40))
    assert small.finished("run-1", size=60, file_size=100, duration_seconds=1, now=NOON).extra_bytes == 0


@pytest.mark.parametrize("reason", sorted(EXPENSIVE))
def test_what_costs_a_lot_is_not_tried_for_ever(reason: Reason) -> None:
    record, request = ended(reason), 0
    while record.impossible is None:
        request += 1
        record = record.with_request(request=request, automatic=False)
        assert record.audio.state == "queued"
        record = record.taken("run-1", NOON, order="o", day=DAY, charged=540).refused("run-1", reason, now=NOON)
    assert (request, record.impossible) == (MAX_EXPENSIVE_REQUESTS, reason)
    assert record.with_request(request=9, automatic=False).audio == record.audio


def test_what_was_put_off_is_not_examined_before_it_is_requested_again() -> None:
    tomorrow = NOON + timedelta(hours=12)
    record = WANTED.put_off(order="order-1", retry_at=tomorrow)
    assert (record.audio.reason, record.audio.retry_at, record.examination) == ("day_used_up", tomorrow, "failed")
    assert (record.has_work, record.attempts, record.order, record.outcome) == (False, 0, "order-1", "audio.failed")
    again = record.with_request(request=1, automatic=False)
    assert (again.audio, again.examination, again.examination_reason) == (Audio(state="queued"), "pending", None)
    unasked = NEW.put_off(order="order-1", retry_at=tomorrow)
    assert (unasked.audio, unasked.examination_reason, unasked.has_work) == (Audio(), "day_used_up", False)
    assert unasked.with_request(request=1, automatic=False).examination == "pending"


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (None, "processing"),
        (NEW, "processing"),
        (WANTED, "processing"),
        (TAKEN, "processing"),
        (TAKEN.examined("run-1", found(Facts(container="mp4"), "ready")), "processing"),  # its MP3 is being made
        (
            TAKEN.examined("run-1", found(Facts(container="mp4"), "ready")).finished(
                "run-1", size=1, file_size=100, duration_seconds=1, now=NOON
            ),
            "ready",
        ),
        (TAKEN.examined("run-1", found(Facts(container="mp4"))).refused("run-1", "no_audio_track", now=NOON), "ready"),
        (TAKEN.examined("run-1", found(Facts(container="mp4"))).refused("run-1", "too_slow", now=NOON), "failed"),
        (ended("broken_file"), "failed"),
        (
            NEW.taken("run-1", NOON, order="o", day=DAY, charged=540).refused("run-1", "broken_file", now=NOON),
            "failed",
        ),  # no MP3 was requested
    ],
)
def test_how_far_a_file_is(record: DerivedMedia | None, state: str) -> None:
    assert state_of(record) == state


def test_a_file_that_cannot_be_read_says_why_although_no_mp3_was_requested() -> None:
    record = NEW.taken("run-1", NOON, order="o", day=DAY, charged=540).refused("run-1", "encrypted", now=NOON)
    assert (record.audio.reason, record.examination_reason) == (None, "encrypted")
    known = TAKEN.examined("run-1", found(Facts(container="mp4"))).refused("run-1", "no_audio_track", now=NOON)
    assert (known.audio.reason, known.examination_reason) == ("no_audio_track", None)
