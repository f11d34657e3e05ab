"""`audit-gaps`: find actions that are missing in the audit log because Pub/Sub could not be reached, and publish them.

A function that cannot publish an action logs it in full instead (`jsonPayload.audit`, docs/audit.md). The audit log records
each action once, even if it is published twice.
"""

from __future__ import annotations

import argparse
from typing import Any

from ops.access.deployment import services_of
from ops.access.gcloud import Gcloud, GcloudFailed
from reelgate.domain.audit import Action, action_of_message
from reelgate.domain.books.messages import audit_message

LIMIT = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--since", default="7d", help="how far to look back, such as 12h or 30d (default: %(default)s)")
    parser.add_argument("--publish", action="store_true", help="publish them to the audit log")


async def run(given: argparse.Namespace) -> int:
    """Print the actions, and publish them on request. Returns 1 if some are left."""
    if given.project is None:
        raise GcloudFailed("Give --project: only Google Cloud keeps logs of functions.")
    query = 'resource.type="cloud_run_revision" AND jsonPayload.audit.action_id:*'
    arguments = ("logging", "read", query, f"--freshness={given.since}", "--order=asc", f"--limit={LIMIT}")
    entries: list[dict[str, Any]] = Gcloud(given.project).json(*arguments) or []
    actions = {action.action_id: action for action in map(_action, entries)}
    services = services_of(given) if given.publish else None
    for action in actions.values():
        print(f"{action.at:%Y-%m-%d %H:%M:%S} {action.uid or '-'} {action.description}")
        if services is not None:
            await services.events.publish(audit_message(action), at=services.now())
    print(f"{len(actions)} {'published' if given.publish else 'not published at first'}")
    return int(bool(actions) and not given.publish)


def _action(entry: dict[str, Any]) -> Action:
    content = entry["jsonPayload"]["audit"]
    return action_of_message(content["type"], content.get("uid", ""), content)
