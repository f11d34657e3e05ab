"""The webhook endpoints of a deployment, and which events each one receives."""

from __future__ import annotations

from dataclasses import field

from reelgate.domain.value_types import value_type


@value_type
class Endpoint:
    """One consumer. Its URL and secrets are not in its repr: paths and queries of such URLs are often secrets, too.

    `secrets` are signing keys, several during a rotation; `events` are types, `audio.*`, or `*`.
    """

    id: str
    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    events: tuple[str, ...] = ("*",)

    def subscribes_to(self, event_type: str) -> bool:
        """Return whether the endpoint receives events of this type."""
        return any(
            pattern in ("*", event_type) or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))
            for pattern in self.events
        )
