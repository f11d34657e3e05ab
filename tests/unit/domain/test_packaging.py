"""The states of packaging."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from reelgate.adapters.records.derived_media import decode, encode
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.packaging import Hls, HlsReason, RenditionSize, Sprites, hls_reason
from reelgate.domain.media.reasons import HLS_SENTENCES

NOW = datetime(2026, 11, 29, tzinfo=UTC)
RECORD = DerivedMedia(uid="ada", file_id="f", filename="a.mp4", generation=1)


def test_each_reason_has_its_sentence() -> None:
    assert HLS_SENTENCES.keys() == set(get_args(HlsReason))


def test_what_only_prevents_an_mp3_is_a_broken_file_here() -> None:
    assert (hls_reason("no_audio_track"), hls_reason("too_slow")) == ("broken_file", "too_slow")


def test_a_record_is_stored_and_read_with_everything_in_it() -> None:
    hls = Hls(state="queued").packaged(
        (RenditionSize(name="v0", width=640, height=360, size=10),),
        size=12,
        sprites=Sprites(width=160, height=90, columns=2, starts=(0, 2000)),
        now=NOW,
    )
    stored = encode(replace(RECORD, hls=hls))
    assert isinstance(stored["hls"]["sprites"]["starts"], list)
    assert decode(stored).hls == hls


def test_a_record_of_an_older_version_was_not_packaged() -> None:
    stored = encode(RECORD)
    del stored["hls"]
    assert decode(stored).hls == Hls()
    assert not decode(stored).hls.pending


@pytest.mark.parametrize("reason", ["codec", "broken_file", "key_frames", "out_of_sync", "edit_list"])
def test_what_would_end_the_same_way_is_not_tried_again(reason: HlsReason) -> None:
    ended = Hls(state="running").ended(reason)
    assert ended.impossible == reason
    assert ended.requested(1, restored=True, automatic=True).state == ended.state


@pytest.mark.parametrize("reason", ["no_room", "day_used_up", "gone", "too_slow", "attempts_exhausted"])
def test_what_may_end_otherwise_can_be_requested(reason: HlsReason) -> None:
    ended = Hls(state="running").ended(reason)
    assert (ended.state, ended.requested(0, restored=False, automatic=True).state) == ("failed", "failed")
    assert ended.requested(1, restored=False, automatic=False).state == "queued"
    assert ended.requested(0, restored=True, automatic=False).pending is (reason == "gone")


def test_a_ready_one_stays_so() -> None:
    ready = Hls(state="ready", bytes=5)
    assert ready.requested(1, restored=True, automatic=True) == Hls(state="ready", bytes=5, request=1)
    assert ready.ended("gone") == ready.running() == ready.waiting() == ready
