"""Faults on request: errors, delays and broken connections, so that clients can be tested against them."""

import asyncio
import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.call import Call


@dataclass
class FaultRule:
    """One fault for the requests that match.

    Args:
        methods: verbs it applies to; all when empty.
        path_prefix: prefix of the raw path.
        target_contains: text that the raw target must contain, e.g. `upload_id=` for requests to a session.
        error_rate: share of matching requests that fail, from 0 to 1, drawn with the seeded generator.
        error_status: status of those that fail; 0 for none.
        delay_ms: milliseconds to wait before anything else.
        drop_upload_after_bytes: break the connection after reading that many bytes of the body.
        drop_download_after_bytes: break the connection after sending that many bytes of the body.
        times: how many more requests it hits; None for no end.
    """

    methods: list[str] = field(default_factory=list)
    path_prefix: str = "/"
    target_contains: str = ""
    error_rate: float = 1.0
    error_status: int = 0
    delay_ms: int = 0
    drop_upload_after_bytes: int | None = None
    drop_download_after_bytes: int | None = None
    times: int | None = None

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "FaultRule":
        """Raises ValueError naming what is unknown or out of range."""
        unknown = set(document) - {item.name for item in fields(cls)}
        if unknown:
            raise ValueError(f"unknown fault fields: {', '.join(sorted(unknown))}")
        rule = cls(**document)
        if not 0 <= rule.error_rate <= 1:
            raise ValueError("error_rate must be from 0 to 1")
        if rule.error_status and not 400 <= rule.error_status <= 599:
            raise ValueError("error_status must be from 400 to 599")
        return rule

    def matches(self, call: Call) -> bool:
        """Whether the rule matches this request and has any of its times left."""
        target = f"{call.target.raw_path}?{call.target.raw_query}"
        return (
            self.times != 0
            and (not self.methods or call.method in self.methods)
            and call.target.raw_path.startswith(self.path_prefix)
            and self.target_contains in target
        )


class Faults:
    """The rules in force. Nothing happens until a test asks for it."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._random = random.Random(0)  # noqa: S311 (failures for tests, not secrets)

    def replace(self, rules: list[FaultRule], seed: int = 0) -> None:
        """Put new rules in force; the same seed gives the same sequence of failures."""
        self._rules = rules
        self._random = random.Random(seed)  # noqa: S311 (failures for tests, not secrets)

    def listing(self) -> list[dict[str, Any]]:
        """The rules with the times that are left."""
        return [asdict(rule) for rule in self._rules]

    async def inject(self, call: Call) -> None:
        """Apply the rules to a request. Raises StorageError with the status of an injected error."""
        for rule in self._rules:
            if not rule.matches(call):
                continue
            if rule.error_status and self._random.random() >= rule.error_rate:
                continue
            if rule.times is not None:
                rule.times -= 1
            await asyncio.sleep(rule.delay_ms / 1000)
            if rule.drop_upload_after_bytes is not None:
                call.body.drop_after_bytes = rule.drop_upload_after_bytes
            if rule.drop_download_after_bytes is not None:
                call.drop_download_after_bytes = rule.drop_download_after_bytes
            if rule.error_status:
                raise StorageError(Refusal.INJECTED, status=rule.error_status)
