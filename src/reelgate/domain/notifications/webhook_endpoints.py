"""Who is told of events over HTTP: the endpoints of a deployment and what each wants to hear."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One consumer. URL and secrets stay out of its repr: paths and queries of such URLs are often secrets themselves.

    `secrets` are signing keys, several while one replaces another; `events` are types, `audio.*`, or `*`.
    """

    id: str
    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    events: tuple[str, ...] = ("*",)

    def wants(self, event_type: str) -> bool:
        """Return whether the endpoint is told of events of that type."""
        return any(
            wanted in ("*", event_type) or (wanted.endswith(".*") and event_type.startswith(wanted[:-1]))
            for wanted in self.events
        )
