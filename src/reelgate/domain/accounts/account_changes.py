"""Operations on accounts themselves: registration, and changes of their limits by admins.

Their entries have an empty delta. They record who changed what, and when.
"""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.messages import Message
from reelgate.domain.value_types import value_type


@value_type
class AccountTerms:
    """What admins set for one account. None means the deployment's default."""

    storage_limit: int | None
    daily_limit: int | None
    alert_percents: tuple[int, ...] | None
    disabled: bool

    @classmethod
    def of(cls, account: Account) -> AccountTerms:
        """Return the terms that an account has."""
        return cls(
            storage_limit=account.storage_limit,
            daily_limit=account.daily_limit,
            alert_percents=account.alert_percents,
            disabled=account.disabled,
        )


def register(ledger: Ledger, account: Account, *, username: str | None) -> Change:
    """Record that a user has registered, with their user name if they have one, and announce it: once per uid."""
    created = Message(
        event_id=f"account.created:{account.uid}",
        topic="accounts",
        type="account.created",
        uid=account.uid,
        data={"email": account.email, "username": username},
    )
    entry = ledger.entry(EntryId.register(account.uid), None, Delta())
    change = ledger.change(replace(account, username=username), entry)
    return replace(change, outbox=(created, *change.outbox))


def set_terms(ledger: Ledger, account: Account, terms: AccountTerms, *, change_id: str) -> Change | None:
    """Set an account's terms, and raise the alerts that follow from them. Returns None if it has these terms already.

    A limit may be lower than what is stored: then nothing is removed, but nothing more is granted. Disabling ends all playback
    grants, which remain over when the account is enabled again.

    The entry does not say which admin did it: that is in the audit log, from which a deleted admin's name can be removed.

    Args:
        change_id: the same for all attempts of this change.
    """
    before = AccountTerms.of(account)
    if terms == before:
        return None
    changed = [
        f"{name} {_shown(old)} -> {_shown(new)}"
        for name, old, new in (
            ("storage_limit", before.storage_limit, terms.storage_limit),
            ("daily_limit", before.daily_limit, terms.daily_limit),
            ("alert_percents", before.alert_percents, terms.alert_percents),
            ("disabled", before.disabled, terms.disabled),
        )
        if old != new
    ]
    entry = ledger.entry(EntryId.limits(change_id), None, Delta(), reason=f"by an admin: {', '.join(changed)}")
    new = replace(
        account,
        storage_limit=terms.storage_limit,
        daily_limit=terms.daily_limit,
        alert_percents=terms.alert_percents,
        disabled=terms.disabled,
        grant_series=account.grant_series + (terms.disabled and not before.disabled),
    )
    return ledger.change(new, entry)


def _shown(value: int | tuple[int, ...] | bool | None) -> str:
    if value is None:
        return "default"
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return str(value).lower()
