"""`books`: hold accounts against their ledgers and videos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Sequence

from operations.deployment import services_of
from reelgate.ports import Books
from reelgate.use_cases.check_books import Checked, check_all_books, check_books


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("uid", nargs="*", help="only these users")


async def run(given: argparse.Namespace) -> int:
    """Print what is wrong with the accounts, and on stderr how far it is. Returns 1 if anything is wrong."""
    books = services_of(given).books
    checked, wrong = 0, 0
    async for page in _only(books, given.uid) if given.uid else check_all_books(books):
        for one in page:
            checked, wrong = checked + 1, wrong + bool(one.problems)
            for problem in one.problems:
                print(f"{one.uid}: {problem}", flush=True)
        if page and not given.uid:
            print(f"... {checked} accounts checked, up to {page[-1].uid}", file=sys.stderr, flush=True)
    print(f"{checked} accounts, {wrong} wrong")
    return int(wrong > 0)


async def _only(books: Books, uids: Sequence[str]) -> AsyncIterator[Sequence[Checked]]:
    for uid in uids:
        yield [Checked(uid=uid, problems=await check_books(books, uid))]
