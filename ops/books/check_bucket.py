"""`bucket`: compare the bucket with the books, and repair what a lost event or sweep left behind."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import timedelta

from ops.access.deployment import services_of
from reelgate.bootstrap import CloudServices
from reelgate.domain.errors import ReelgateError
from reelgate.domain.videos.bucket_differences import MEANINGS, Difference, Kind
from reelgate.use_cases.upkeep.compare_bucket import compare_bucket
from reelgate.use_cases.upkeep.repair_bucket import repair


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("uid", nargs="*", help="only these users")
    parser.add_argument(
        "--grace", type=int, default=60, metavar="MINUTES", help="ignore objects younger than this (default: %(default)s)"
    )
    parser.add_argument("--repair", action="store_true", help="repair as the lost event or sweep would have done")
    parser.add_argument(
        "--give-up-missing",
        action="store_true",
        help="with --repair: remove videos whose object is gone from the books; restore the objects instead if you can",
    )


async def run(given: argparse.Namespace) -> int:
    """Print the differences and what was done about them. Returns 1 if an error remains."""
    services = services_of(given)
    counts: Counter[Kind] = Counter()
    left = 0
    async for difference in compare_bucket(services, uids=given.uid, grace=timedelta(minutes=given.grace)):
        counts[difference.kind] += 1
        done = await _repaired(services, difference, given) if given.repair else None
        left += done is None and difference.kind is not Kind.FOREIGN
        about = f"{difference.name} ({'' if not difference.trashed else 'trash, '}{difference.size} bytes)"
        print(f"{difference.kind.value:10} {about}{'' if done is None else f': {done}'}")
    for kind, count in sorted(counts.items(), key=lambda item: item[0].value):
        print(f"{count} {kind.value}: {MEANINGS[kind]}")
    print(f"{left} left" if given.repair else f"{left} wrong")
    return int(left > 0)


async def _repaired(services: CloudServices, difference: Difference, given: argparse.Namespace) -> str | None:
    try:
        return await repair(services, difference, give_up_missing=given.give_up_missing)
    except ReelgateError as error:
        print(f"not repaired: {error}")
        return None
