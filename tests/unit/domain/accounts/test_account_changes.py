"""What happens to accounts themselves: registered once, given terms by admins, and refused everything when disabled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.accounts.account_changes import AccountTerms, register, set_terms
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Ledger
from reelgate.domain.books.messages import Message
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.errors import AccountDisabled
from reelgate.domain.uploads import reservations
from reelgate.domain.videos import trash
from reelgate.domain.videos.url_charges import charge_url
from tests.fixtures.bookkeeping import NOON, POLICY, an_upload
from tests.unit.adapters.books.samples import VIDEO

LEDGER = Ledger(POLICY, NOON)
DEFAULT = AccountTerms(storage_limit=None, daily_limit=None, alert_percents=None, disabled=False)
ACCOUNT = Account(uid="ada", email="ada@example.org", today=Day(date=NOON.date(), uploaded=300), stored=500, sequence=4)


def test_a_registration_is_written_with_the_message_that_tells_of_it() -> None:
    change = register(LEDGER, LEDGER.account_for(None, "ada", "ada@example.org"), username="Ada")
    assert (change.account.username, change.account.created_at, change.account.sequence) == ("Ada", NOON, 1)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("register:ada", Delta())
    assert change.outbox == (
        Message(
            event_id="account.created:ada",
            topic="accounts",
            type="account.created",
            uid="ada",
            data={"email": "ada@example.org", "username": "Ada"},
        ),
    )


def test_terms_are_traceable_and_move_no_bytes() -> None:
    terms = replace(DEFAULT, storage_limit=9000, alert_percents=(50, 90), disabled=True)
    change = set_terms(LEDGER, ACCOUNT, terms, change_id="c1")
    assert change is not None
    assert change.entry is not None
    assert AccountTerms.of(change.account) == terms
    assert (change.account.stored, change.account.today.uploaded, change.account.sequence) == (500, 300, 5)
    assert (change.entry.entry_id, change.entry.delta) == ("limits:c1", Delta())
    assert change.entry.reason == (
        "by an admin: storage_limit default -> 9000, alert_percents default -> 50/90, disabled false -> true"
    )


def test_the_terms_that_hold_already_change_nothing() -> None:
    assert set_terms(LEDGER, ACCOUNT, DEFAULT, change_id="c1") is None


def test_a_lower_limit_takes_nothing_away_and_raises_the_alerts_that_now_hold() -> None:
    change = set_terms(LEDGER, ACCOUNT, replace(DEFAULT, storage_limit=400), change_id="c1")
    assert change is not None
    assert change.account.stored == 500
    raised = [(m.type, m.data["threshold_percent"], m.data["limit"]) for m in change.outbox if isinstance(m, Message)]
    assert raised == [("storage.alert", 80, 400), ("storage.alert", 100, 400)]
    again = set_terms(LEDGER, change.account, replace(DEFAULT, storage_limit=401), change_id="c2")
    assert again is not None
    assert again.outbox == ()


def test_terms_of_a_new_day_close_the_old_one() -> None:
    yesterday = replace(ACCOUNT, today=Day(date=NOON.date().replace(day=2), uploaded=300))
    change = set_terms(LEDGER, yesterday, replace(DEFAULT, daily_limit=1), change_id="c1")
    assert change is not None
    assert change.closed_day == replace(yesterday.today, stored=500)
    assert change.account.today.used == 0


def test_a_disabled_account_is_granted_nothing() -> None:
    disabled = replace(ACCOUNT, disabled=True)
    for grant in (
        lambda account: reservations.reserve(LEDGER, account, an_upload(), existing=None, fingerprint="f"),
        lambda account: charge_url(LEDGER, account, VIDEO, entry_id=EntryId.stream("g")),
        lambda account: trash.restore(LEDGER, account, VIDEO, existing=None),
    ):
        assert grant(ACCOUNT).entry is not None
        with pytest.raises(AccountDisabled):
            grant(disabled)


def test_a_disabled_account_still_settles_and_gives_back() -> None:
    """What was granted before ends as it would have: the books must stay true."""
    upload = an_upload(size=10)
    disabled = replace(ACCOUNT, disabled=True, reserved=10, open_uploads=1)
    assert reservations.release(LEDGER, disabled, upload, reason=ReleaseReason.expired()).account.reserved == 0
    assert trash.delete(LEDGER, disabled, VIDEO).account.stored == 500 - VIDEO.size
