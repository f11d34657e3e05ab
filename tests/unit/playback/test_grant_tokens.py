"""The tokens of grants: only the text that was made opens its grant."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from reelgate.domain.accounts.checked_tokens import derived_token_id
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.playback.grants import TOKENS

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_a_token_opens_its_grant_and_no_other() -> None:
    first, second = TOKENS.new(), TOKENS.new()
    parsed = TOKENS.parse(first.text)
    assert parsed == first.token
    grant = PlaybackGrant(
        grant_id=first.token.token_id, uid="ada", file_id="f", digest=first.token.digest, created_at=NOW, expires_at=NOW
    )
    assert grant.is_opened_by(first.token.digest)
    assert not grant.is_opened_by(second.token.digest)
    assert first.text not in repr(first) + repr(grant)
    assert grant.digest not in repr(grant)


@pytest.mark.parametrize("place", range(0, 57, 7))
def test_a_token_changed_in_one_character_is_none(place: int) -> None:
    text = TOKENS.new().text
    other = "a" if text[place] != "a" else "b"
    assert TOKENS.parse(text[:place] + other + text[place + 1 :]) is None
    assert TOKENS.parse(text[:-1]) is None
    assert TOKENS.parse(text + "0") is None


def test_a_million_random_tokens_are_none() -> None:
    """They are refused by their check alone: no look-up, no digest."""
    chance = random.Random(7)
    texts = (f"rgp_{chance.getrandbits(64):016x}_{chance.getrandbits(144):036x}" for _ in range(1_000_000))
    assert [text for text in texts if TOKENS.parse(text) is not None] == []
    assert TOKENS.parse(TOKENS.new().text) is not None


def test_derived_tokens_follow_from_id_and_secret() -> None:
    token_id = derived_token_id("ada\0key")
    made = TOKENS.derived(token_id, b"s" * 32)
    assert TOKENS.parse(made.text) == made.token
    assert made.token.token_id == token_id
    assert TOKENS.derived(token_id, b"s" * 32) == made
    assert TOKENS.derived(token_id, b"t" * 32).text != made.text
    assert derived_token_id("bob\0key") != token_id
