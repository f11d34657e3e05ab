"""When a grant opens its video, why it does not, and what a viewer and its owner are told then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.playback.grants import GrantState, grant_state, require_open
from tests.unit.adapters.books.samples import AT, GRANT, VIDEO

ACCOUNT = Account(uid="ada", today=Day(date=AT.date()))
LATER = AT + timedelta(minutes=1)


def test_an_open_grant_gives_account_and_video() -> None:
    assert grant_state(GRANT, ACCOUNT, VIDEO, LATER) == "active"
    assert require_open(GRANT, ACCOUNT, VIDEO, LATER) == (ACCOUNT, VIDEO)


@pytest.mark.parametrize(
    ("grant", "state", "error"),
    [
        (replace(GRANT, expires_at=LATER), "expired", errors.GrantExpired),
        (replace(GRANT, revoked_at=AT), "revoked", errors.GrantRevoked),
        (replace(GRANT, revoked_at=AT, expires_at=AT), "revoked", errors.GrantRevoked),
        (replace(GRANT, max_plays=2, plays=2), "used_up", errors.GrantUsedUp),
        (replace(GRANT, max_bytes=10, charged=10), "used_up", errors.GrantUsedUp),
        (replace(GRANT, series=1), "revoked", errors.GrantRevoked),
        (replace(GRANT, account_series=1), "account_disabled", errors.VideoUnavailable),
    ],
)
def test_a_grant_that_is_over_says_why(grant: PlaybackGrant, state: GrantState, error: type[errors.ReelgateError]) -> None:
    assert grant_state(grant, ACCOUNT, VIDEO, LATER) == state
    with pytest.raises(error):
        require_open(grant, ACCOUNT, VIDEO, LATER)


def test_a_video_that_is_gone_and_a_disabled_account_are_one_to_viewers() -> None:
    disabled = replace(ACCOUNT, disabled=True)
    assert grant_state(GRANT, ACCOUNT, None, LATER) == "video_deleted"
    assert grant_state(GRANT, disabled, VIDEO, LATER) == "account_disabled"
    details = set()
    for account, video in ((ACCOUNT, None), (disabled, VIDEO)):
        with pytest.raises(errors.VideoUnavailable) as refused:
            require_open(GRANT, account, video, LATER)
        details.add(refused.value.detail)
    assert len(details) == 1


@pytest.mark.parametrize("account", [None, replace(ACCOUNT, erasing=True)])
def test_a_grant_of_a_deleted_user_does_not_exist(account: Account | None) -> None:
    with pytest.raises(errors.GrantNotFound):
        require_open(GRANT, account, VIDEO, LATER)


def test_a_play_that_has_begun_outlives_the_last_play_but_not_the_last_byte() -> None:
    played = replace(GRANT, max_plays=1, plays=1)
    assert require_open(played, ACCOUNT, VIDEO, LATER, playing=True) == (ACCOUNT, VIDEO)
    with pytest.raises(errors.GrantUsedUp):
        require_open(replace(played, max_bytes=1, charged=1), ACCOUNT, VIDEO, LATER, playing=True)


def test_origins() -> None:
    anywhere = replace(GRANT, origins=())
    assert anywhere.allows_origin("https://evil.example")
    assert GRANT.allows_origin(None)
    assert GRANT.allows_origin("https://b.example:8443")
    assert GRANT.allows_origin("https://own.example", "https://own.example")
    assert not GRANT.allows_origin("https://b.example")
    assert not GRANT.allows_origin("null")
