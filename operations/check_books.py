"""`books`: hold accounts against their ledgers and videos."""

from __future__ import annotations

import argparse

from operations.deployment import services_of
from reelgate.use_cases.check_books import check_books

PAGE = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("uid", nargs="*", help="only these users")


async def run(given: argparse.Namespace) -> int:
    """Print what is wrong with the accounts. Returns 1 if anything is."""
    books = services_of(given).books
    checked, wrong, cursor = 0, 0, None
    while True:
        page = None if given.uid else await books.accounts(limit=PAGE, cursor=cursor)
        for uid in given.uid if page is None else [account.uid for account in page.items]:
            problems = await check_books(books, uid)
            checked, wrong = checked + 1, wrong + bool(problems)
            for problem in problems:
                print(f"{uid}: {problem}")
        cursor = page.next_cursor if page is not None else None
        if cursor is None:
            break
    print(f"{checked} accounts, {wrong} wrong")
    return int(wrong > 0)
