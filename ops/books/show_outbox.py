"""`outbox`: list what commits left to do. Read-only: the sweep does the work."""

from __future__ import annotations

import argparse
from collections import Counter

from ops.access.deployment import services_of
from reelgate.domain.books.messages import Message, OutboxItem, RemoveObject, TrimTrash
from reelgate.use_cases.upkeep.sweep import LEFT_BEHIND_AFTER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--limit", type=int, default=1000, help="the maximum number of items (default: %(default)s)")


async def run(given: argparse.Namespace) -> int:
    """Print the items that are left, by kind. Returns 1 if there are any."""
    services = services_of(given)
    items = await services.books.outbox(services.now() - LEFT_BEHIND_AFTER, limit=given.limit)
    kinds = Counter(_kind_of(item) for item in items)
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}")
    if items:
        print(f"the oldest: {items[0].event_id}")
    more = " or more" if len(items) == given.limit else ""
    print(f"{len(items)}{more} left behind")
    return int(bool(items))


def _kind_of(item: OutboxItem) -> str:
    if isinstance(item, Message):
        return f"{item.topic}: {item.type}"
    if isinstance(item, TrimTrash):
        return "trim a trash"
    return "remove an object" if isinstance(item, RemoveObject) else "replace an object by a placeholder"
