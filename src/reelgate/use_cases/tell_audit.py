"""Tell the audit log of an action: published, never written, on the path of a request."""

from __future__ import annotations

import logging

from reelgate.domain.audit import Action
from reelgate.domain.errors import Unavailable
from reelgate.ports import Services

_log = logging.getLogger(__name__)


async def tell_audit(services: Services, action: Action) -> None:
    """Publish an action. Never raises: what cannot be published is logged in full, so that it can be found and told again."""
    try:
        await services.events.publish(action.message(), at=services.now())
    except Unavailable as problem:
        _log.error("the audit log was not told of %s (%s)", action.message(), problem)
