"""`rebuild-days`: add what a bill needs to days that are older than it, from the ledger. The nightly run does it, too."""

from __future__ import annotations

import argparse
import sys

from ops.access.deployment import services_of
from reelgate.domain.errors import ReelgateError
from reelgate.use_cases.books.read_pages import pages_of
from reelgate.use_cases.upkeep.rebuild_days import needs_rebuilding, rebuild_days

PAGE = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments: it has none."""


async def run(given: argparse.Namespace) -> int:
    """Rebuild the days of all accounts that need it. Returns 1 if some of them could not be rebuilt."""
    services = services_of(given)
    accounts = days = failed = 0
    async for page in pages_of(lambda cursor: services.books.accounts(limit=PAGE, cursor=cursor)):
        for account in page.items:
            if not needs_rebuilding(account):
                continue
            try:
                days += await rebuild_days(services, account.uid)
                accounts += 1
            except ReelgateError as error:  # the others are rebuilt all the same
                failed += 1
                print(f"{account.uid}: {error}", file=sys.stderr, flush=True)
    print(f"{accounts} accounts rebuilt with {days} closed days, {failed} failed")
    return int(bool(failed))
