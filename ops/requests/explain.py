"""`explain`: say why a request was refused, or what became of an upload.

Joins what the functions have logged about the request, its audit events and those of its upload, and the user's numbers as
they are now. The id is the `request_id` of the answer (also its header X-Request-Id), or the id of an upload.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.access.deployment import services_of
from ops.requests.refusal_words import why
from ops.requests.request_lines import Line, lines_of
from reelgate.bootstrap import CloudServices
from reelgate.domain.audit import Action, EventAction, about_video, references
from reelgate.ports.audit import LogFilter
from reelgate.ports.books import ReadSet
from reelgate.use_cases.books.commit import current_ledger

MAX_EVENTS = 50
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IDS = ("upload_id", "video_id", "file_id")
_ENDS = {
    EventAction.UPLOAD_REJECTED: "The object that arrived was not what was granted. It was removed; its bytes were released.",
    EventAction.UPLOAD_EXPIRED: "No object had arrived when the grant expired. Its bytes were released.",
    EventAction.OBJECT_REMOVED: "An object arrived although no open upload had a right to it any more. It was removed.",
    EventAction.UPLOAD_FINISHED: "The upload has become a video.",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is known: the lines about the request, and the actions about it and its uploads, oldest first."""

    lines: Sequence[Line]
    actions: Sequence[Action]

    @property
    def users(self) -> list[str]:
        """The users that the request was about."""
        logged = (line.fields.get("refusal", {}).get("user_id") for line in self.lines)
        named = (reference for action in self.actions for reference in references(action))
        recorded = (reference.removeprefix("user:") for reference in named if reference.startswith("user:"))
        return sorted({uid for uid in (*logged, *recorded) if uid})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("id", metavar="REQUEST_ID", help="the request_id of an answer, or the id of an upload")
    parser.add_argument("--since", default="30d", help="how far to look back in the logs, such as 12h (default: %(default)s)")


async def run(given: argparse.Namespace) -> int:
    """Print what is known. Returns 1 if nothing is."""
    if not _ID.fullmatch(given.id):
        raise ValueError("An id has 1 to 64 letters, digits, - and _.")
    services = services_of(given)
    found = await _find(services, given.id, lines_of(given, given.id))
    if not found.lines and not found.actions:
        print(
            f"Neither the logs nor the audit log know {given.id}. Logs are kept for 30 days. A request that the front door has "
            "refused (a body beyond its limit, a quota, an unknown path) has reached no function."
        )
        return 1
    for line in found.lines:
        _print_line(line)
    _print_actions(found.actions)
    for uid in found.users:
        await _print_account(services, uid)
    return 0


async def _find(services: CloudServices, request_id: str, lines: Sequence[Line]) -> Found:
    of_request = await _actions(services, LogFilter(request_id=request_id))
    named = [line.fields.get("refusal", {}) for line in lines] + [action.data for action in of_request]
    uploads = {request_id, *_ids(named)}
    of_uploads = [await _actions(services, LogFilter(about=(about_video(upload),))) for upload in sorted(uploads)]
    actions = {action.action_id: action for action in [*of_request, *(action for some in of_uploads for action in some)]}
    return Found(lines, sorted(actions.values(), key=lambda action: action.at))


def _ids(named: Iterable[Mapping[str, Any]]) -> set[str]:
    return {details[name] for details in named for name in _IDS if isinstance(details.get(name), str)}


async def _actions(services: CloudServices, which: LogFilter) -> list[Action]:
    page = await services.audit_log.actions(which, now=services.now(), limit=MAX_EVENTS)
    return [logged.action for logged in page.items]


def _print_line(line: Line) -> None:
    fields = line.fields
    head = " ".join(filter(None, (f"{line.at:%Y-%m-%d %H:%M:%S %Z}" if line.at else "", f"{line.function}:")))
    code, refusal = fields.get("refused"), fields.get("refusal", {})
    if code is None:
        print(f"{head} {fields.get('severity', '')} {fields.get('message', '')}")
        return
    asked = f"{refusal.get('method', '?')} {refusal.get('route', 'an unknown path')}"
    who = f"user {refusal['user_id']}" if refusal.get("user_id") else "nobody who is signed in"
    print(f"{head} {asked} by {who} was refused: {refusal.get('status', '?')} {code}")
    print(f"    {why(code, refusal)}")


def _print_actions(actions: Sequence[Action]) -> None:
    if actions:
        print("audit log:")
    for action in actions:
        print(f"    {action.at:%Y-%m-%d %H:%M:%S} {action.outcome} {action.action}: {action.description}")
        end = next((words for name, words in _ENDS.items() if name == action.action), None)
        if end is not None:
            print(f"        {end}")


async def _print_account(services: CloudServices, uid: str) -> None:
    stored = (await services.books.read(uid, ReadSet())).account
    if stored is None:
        print(f"user {uid} has no account in the books")
        return
    account = current_ledger(services).current(stored)
    limits = account.limits(services.policy.default_limits)
    print(f"user {uid} now{', DISABLED' if account.disabled else ''}:")
    left = max(0, limits.storage_bytes - account.occupied)
    print(
        f"    storage: {left:,} of {limits.storage_bytes:,} bytes are left; {account.stored:,} stored, {account.reserved:,} "
        f"reserved by {account.open_uploads} open uploads"
    )
    left = max(0, limits.daily_bytes - account.day_total)
    print(f"    {account.today.date}: {left:,} of {limits.daily_bytes:,} bytes are left; {account.today.used:,} used")
