"""What an account knows of its address: which it is, and whether it is verified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.books.account import Account
from reelgate.domain.books.ledger import Ledger
from tests.fixtures.bookkeeping import NOON, POLICY

LEDGER = Ledger(POLICY, NOON)
ADA = "ada@example.org"
KNOWN = LEDGER.account_for(None, "ada", ADA, email_verified=True)


def after(account: Account | None, email: str | None, *, verified: bool) -> tuple[str | None, bool]:
    changed = LEDGER.account_for(account, "ada", email, email_verified=verified)
    return changed.email, changed.email_verified


@pytest.mark.parametrize("verified", [False, True])
def test_a_new_account_has_what_the_token_says(verified: bool) -> None:
    assert after(None, ADA, verified=verified) == (ADA, verified)


def test_a_later_token_verifies_the_address() -> None:
    assert after(replace(KNOWN, email_verified=False), ADA, verified=True) == (ADA, True)


def test_a_token_from_before_does_not_take_that_back() -> None:
    assert LEDGER.account_for(KNOWN, "ada", ADA, email_verified=False) is KNOWN


@pytest.mark.parametrize("verified", [False, True])
def test_another_address_has_to_be_verified_anew(verified: bool) -> None:
    assert after(KNOWN, "eve@example.org", verified=verified) == ("eve@example.org", verified)


def test_an_api_key_says_nothing_of_addresses() -> None:
    assert LEDGER.account_for(KNOWN, "ada", None) is KNOWN
