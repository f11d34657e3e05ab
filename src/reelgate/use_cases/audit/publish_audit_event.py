"""Tell the audit log of an action: published, never written, on the path of a request (docs/adr/0007-audit-log.md)."""

from __future__ import annotations

import logging
from typing import Protocol

from reelgate.domain.audit import Action
from reelgate.domain.errors import Unavailable
from reelgate.ports import HasClock, HasEvents


class Services(HasClock, HasEvents, Protocol):
    """What publishing an audit event uses."""


_log = logging.getLogger(__name__)


async def publish_audit_event(services: Services, action: Action) -> None:
    """Publish an action; takes as long as the publisher allows at most.

    Never raises: what was done is done. What cannot be published is logged in full, as the message that it would have been,
    so that it can be found and published again (docs/audit.md).
    """
    message, now = action.message(), services.now()
    in_full = {"json_fields": {"audit": message.content(now)}}
    try:
        await services.events.publish(message, at=now)
    except Unavailable as error:
        _log.error("the audit log was not told of %s: %s", message.type, error, extra=in_full)
    except Exception:
        _log.exception("the audit log was not told of %s", message.type, extra=in_full)
