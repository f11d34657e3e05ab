"""Publish an audit event that no commit has recorded (docs/adr/0021-audit-in-the-commit.md)."""

from __future__ import annotations

import logging
from typing import Protocol

from reelgate.domain.audit import Action
from reelgate.domain.books.messages import audit_message
from reelgate.domain.errors import Unavailable
from reelgate.ports.events import HasEvents
from reelgate.ports.runtime import HasClock


class Services(HasClock, HasEvents, Protocol):
    """What publishing an audit event needs."""


_log = logging.getLogger(__name__)


async def publish_audit_event(services: Services, action: Action) -> None:
    """Publish an action. Takes at most as long as the publisher allows.

    Never raises: the action is already done. If its message cannot be published, it is logged in full, so that it can be found
    and published later (docs/audit.md).
    """
    message, now = audit_message(action), services.now()
    in_full = {"json_fields": {"audit": message.content(now)}}
    try:
        await services.events.publish(message, at=now)
    except Unavailable as error:
        _log.error("could not publish the audit event %s: %s", message.type, error, extra=in_full)
    except Exception:
        _log.exception("could not publish the audit event %s", message.type, extra=in_full)
