"""Record an action in the audit log once, however often its message is delivered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from reelgate.domain.accounts.erasure import addresses_in
from reelgate.domain.audit import Action, action_of_message
from reelgate.domain.errors import Unavailable
from reelgate.ports.audit import HasAuditLog
from reelgate.ports.personal_data import HasErasures
from reelgate.ports.runtime import HasClock


class Services(HasAuditLog, HasClock, HasErasures, Protocol):
    """What recording an action needs."""


WORK_TIME = timedelta(seconds=15)
"""How long one message may rewrite actions: half of the time in which Pub/Sub expects an answer (terraform/messaging.tf)."""

_log = logging.getLogger(__name__)


async def record_action(services: Services, kind: str, uid: str, content: Mapping[str, Any]) -> str:
    """Record the action in a message. Returns `recorded`, `duplicate`, or `malformed` if it can never be recorded.

    An action that names an erased user is recorded under their pseudonym. Whether one was erased is asked after the record is
    written: an erasure that began before then is seen here, one that begins later rewrites the record itself. After a crash
    between the two, the message is delivered again.

    Raises Unavailable: the message must be delivered again, also because so much of an erased user is left that it takes longer
    than `WORK_TIME`. The next delivery finds less.
    """
    try:
        action = action_of_message(kind, uid, content)
    except ValueError as error:
        _log.error("not a valid audit event: %s", error, extra={"json_fields": {"message_content": dict(content)}})
        return "malformed"
    recorded = await services.audit_log.record(action)
    await _forget_erased(services, action, until=services.now() + WORK_TIME)
    return "recorded" if recorded else "duplicate"


async def _forget_erased(services: Services, action: Action, *, until: datetime) -> None:
    named = {name: value for name in ("user_id", "email") if isinstance(value := action.data.get(name), str) and value}
    uids = sorted({uid for uid in (action.uid, named.get("user_id")) if uid})
    addresses = [named["email"]] if "email" in named else []
    for person in await services.erasures.named(uids=uids, addresses=addresses, now=services.now()):
        if person.is_named_in(action):
            # The record may be rewritten already: then only this message knows the address.
            known = replace(person, emails=person.emails | addresses_in([action], person.uid))
            while not await services.audit_log.pseudonymise(known):
                if services.now() >= until:
                    raise Unavailable("There are more actions of an erased user to rewrite. The message comes again.")
