"""`books`: compare accounts with their ledgers and videos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Sequence

from ops.access.deployment import services_of
from reelgate.ports.books import Books, ReadSet
from reelgate.use_cases.upkeep.check_books import Checked, Services, check_all_books, check_books


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("uid", nargs="*", help="only these users")


async def run(given: argparse.Namespace) -> int:
    """Print what is wrong with the accounts, and progress on stderr. Returns 1 if anything is wrong, 2 if a given user has no
    account.
    """
    services = services_of(given)
    checked, wrong = 0, 0
    uids = [uid for uid in given.uid if await _has_account(services.books, uid)]
    unknown = len(given.uid) - len(uids)
    async for page in _only(services, uids) if given.uid else check_all_books(services):
        for one in page:
            checked, wrong = checked + 1, wrong + bool(one.problems)
            for problem in one.problems:
                print(f"{one.uid}: {problem}", flush=True)
        if page and not given.uid:
            print(f"... {_accounts(checked)} checked, up to {page[-1].uid}", file=sys.stderr, flush=True)
    print(f"{_accounts(checked)}, {wrong} wrong")
    return 1 if wrong else 2 if unknown else 0


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count} accounts"


async def _has_account(books: Books, uid: str) -> bool:
    if (await books.read(uid, ReadSet())).account is not None:
        return True
    print(f"{uid}: there is no account with this uid. Check the uid.", file=sys.stderr, flush=True)
    return False


async def _only(services: Services, uids: Sequence[str]) -> AsyncIterator[Sequence[Checked]]:
    for uid in uids:
        yield [Checked(uid=uid, problems=await check_books(services, uid))]
