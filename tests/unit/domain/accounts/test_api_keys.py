"""What an API key looks like, and when it is valid."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.accounts.api_keys import (
    NewKey,
    Scope,
    allows,
    clean_expiry,
    clean_label,
    looks_like_api_key,
    new_api_key,
    presented_key,
)
from reelgate.domain.accounts.checked_tokens import is_token_id
from reelgate.domain.errors import AccountDisabled, ApiKeyExpired, ApiKeyRevoked, InvalidApiKey, InvalidRequest

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
LETTERS = string.ascii_letters + string.digits


def made(**more: object) -> NewKey:
    properties = {"label": "ci", "scopes": ["read"], "created_at": NOON, "expires_at": None}
    return new_api_key("ada", **{**properties, **more})  # type: ignore[arg-type]


MADE = made()


def test_a_key_is_found_by_its_id_and_proved_by_its_digest() -> None:
    presented = presented_key(MADE.text)
    assert presented.token_id == MADE.record.key_id
    assert MADE.record.is_made_of(presented)
    assert not made().record.is_made_of(presented)
    assert looks_like_api_key(MADE.text)
    assert is_token_id(MADE.record.key_id)
    assert not looks_like_api_key("eyJhbGciOiJSUzI1NiJ9.e30.x")


def test_no_two_keys_are_alike() -> None:
    assert len({made().text for _ in range(100)}) == 100


def test_neither_repr_nor_record_has_the_key() -> None:
    secret = MADE.text.split("_")[2]
    shown = f"{MADE!r} {MADE.record!r} {presented_key(MADE.text)!r}"
    assert secret[:8] not in shown
    assert MADE.record.digest not in shown
    assert secret not in str([getattr(MADE.record, name) for name in MADE.record.__slots__])


@given(at=st.integers(0, len(MADE.text) - 1), letter=st.sampled_from(LETTERS))
def test_one_wrong_letter_is_noticed(at: int, letter: str) -> None:
    text = MADE.text[:at] + letter + MADE.text[at + 1 :]
    if text == MADE.text:
        return
    with pytest.raises(InvalidApiKey) as refused:
        presented_key(text)
    assert text not in f"{refused.value!r} {refused.value.detail}"


@pytest.mark.parametrize(
    "text",
    ["rgk_", MADE.text[:-1], MADE.text + "0", " " + MADE.text, MADE.text + "\n", "rgk_" + "é" * 53, "rgk_" + "0" * 10**6],
    ids=["prefix", "short", "long", "space", "line", "letters", "huge"],  # not the key: it is another in each process
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(InvalidApiKey):
        presented_key(text)


def test_the_check_is_as_documented() -> None:
    """Others may check keys as well: CRC-32 of all before it, as six digits to the base 62 (0-9, A-Z, a-z)."""
    presented_key("rgk_0000000000000000_0000000000000000000000000000001ZbCaH")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"revoked_at": NOON}, ApiKeyRevoked),
        ({"expires_at": NOON}, ApiKeyExpired),
        ({"suspended": True}, AccountDisabled),
        ({"revoked_at": NOON, "expires_at": NOON, "suspended": True}, ApiKeyRevoked),
    ],
)
def test_a_key_that_is_not_valid(changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        replace(MADE.record, **changes).require_valid(NOON)  # type: ignore[arg-type]


def test_a_key_is_valid_until_the_instant_of_its_expiry() -> None:
    key = replace(MADE.record, expires_at=NOON)
    key.require_valid(NOON - timedelta(microseconds=1))
    MADE.record.require_valid(NOON + timedelta(days=9999))


@pytest.mark.parametrize(
    ("scopes", "needed", "allowed"),
    [(["read"], "read", True), (["read"], "write", False), (["write"], "read", True), (["write", "read"], "write", True)],
)
def test_write_includes_read(scopes: list[Scope], needed: Scope, allowed: bool) -> None:
    assert allows(made(scopes=scopes).record.scopes, needed) is allowed


def test_labels() -> None:
    assert clean_label("  nightly \t backup ") == "nightly backup"
    for bad in ("", "  ", "x" * 101, "a\x00b", "\u202eabc"):
        with pytest.raises(InvalidRequest) as refused:
            clean_label(bad)
        assert refused.value.field == "label"


def test_expiry() -> None:
    assert clean_expiry(None, now=NOON) is None
    assert clean_expiry(NOON + timedelta(seconds=1), now=NOON) == NOON + timedelta(seconds=1)
    for bad in (NOON, NOON - timedelta(days=1), NOON + timedelta(days=1831), (NOON + timedelta(days=1)).replace(tzinfo=None)):
        with pytest.raises(InvalidRequest) as refused:
            clean_expiry(bad, now=NOON)
        assert refused.value.field == "expires_at"
