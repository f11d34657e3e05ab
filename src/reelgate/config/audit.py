"""Settings of the audit log."""

from __future__ import annotations

from reelgate.config.reader import Reader
from reelgate.domain.value_types import value_type


@value_type
class AuditSettings:
    """`days`: how long the audit log keeps an action. `feed`: whether recorded actions are published as well."""

    days: int
    feed: bool


def audit_from(read: Reader) -> AuditSettings:
    """Return the settings."""
    return AuditSettings(
        days=read.whole("REELGATE_AUDIT_DAYS", 400, maximum=36_500),
        feed=read.choice("REELGATE_AUDIT_PUBLISH", "unrecorded", ("unrecorded", "all")) == "all",
    )
