"""Record an action in the audit log once, however often its message is delivered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from reelgate.domain.audit import action_of_message
from reelgate.ports.audit import HasAuditLog

_log = logging.getLogger(__name__)


async def record_action(services: HasAuditLog, kind: str, uid: str, content: Mapping[str, Any]) -> str:
    """Record the action in a message. Returns `recorded`, `duplicate`, or `malformed` if it can never be recorded.

    Raises Unavailable: the message must be delivered again.
    """
    try:
        action = action_of_message(kind, uid, content)
    except ValueError as error:
        _log.error("not a valid audit event: %s", error, extra={"json_fields": {"message_content": dict(content)}})
        return "malformed"
    return "recorded" if await services.audit_log.record(action) else "duplicate"
