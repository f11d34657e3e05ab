"""Record an action in the audit log, once, however often its message comes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from reelgate.domain.audit import action_of_message
from reelgate.ports import HasAuditLog

_log = logging.getLogger(__name__)


async def record_action(services: HasAuditLog, kind: str, uid: str, content: Mapping[str, Any]) -> str:
    """Record the action that a message tells of. Returns `recorded`, `duplicate`, or `malformed` for what never can be.

    Raises Unavailable: the message must come again.
    """
    try:
        action = action_of_message(kind, uid, content)
    except ValueError as error:
        _log.error("no action for the audit log: %s", error, extra={"json_fields": {"message_content": dict(content)}})
        return "malformed"
    return "recorded" if await services.audit_log.record(action) else "duplicate"
