"""`admin`: make a registered user an admin, or undo that. The first admin can only be made this way."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from ops.access.deployment import services_of, settings_of
from reelgate.adapters.users.firebase_directory import connect
from reelgate.domain.accounts.credentials import clean_email
from reelgate.domain.audit import Action
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event

EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("email", help="the e-mail address that the user registered with")
    parser.add_argument("--take-away", action="store_true", help="make an admin a plain user again")


async def run(given: argparse.Namespace) -> int:
    """Set the role of one user. Returns 1 if no user has registered with that address."""
    if given.project is not None and os.environ.get(EMULATOR):
        raise ValueError(f"{EMULATOR} is set: unset it to reach the project's own directory")
    settings = settings_of(given)
    directory = connect(settings.project, api_key="", emulator=settings.auth_emulator)  # no sign-ins happen here
    try:
        user = await directory.find(clean_email(given.email))
        if user is None:
            print(f"no user has registered with {given.email}", file=sys.stderr)
            return 1
        role = "user" if given.take_away else "admin"
        await directory.set_role(user.uid, role)
    finally:
        directory.close()
    at = datetime.now(UTC)
    event = Action(
        action_id=uuid4().hex,
        at=at,
        action="user.changed",
        uid="",
        service="operations",
        outcome="done",
        description=f"An operator gave the role {role}.",
        data={"user_id": user.uid, "before": {"role": user.role}, "after": {"role": role}},
    )
    await publish_audit_event(services_of(given), event)
    print(
        f"{user.uid} ({user.email}): {user.role} -> {role}. New tokens have the new role; older tokens expire within an hour."
    )
    return 0
