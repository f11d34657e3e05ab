"""What clients were told: the operations that the API acknowledged, every status, and answers that should not occur."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

MAX_SURPRISES = 50


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The API has said that something was done: the user's ledger then has an entry whose id begins with `entry`."""

    uid: str
    entry: str


@dataclass
class Journal:
    """Everything that the run remembers for the checker and the report."""

    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    acknowledged: set[Acknowledged] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)
    surprise_count: int = 0
    deleted: dict[str, str] = field(default_factory=dict)
    """Users whose account was to be deleted, with their addresses: the outcome of each deletion was seen."""

    leaving: dict[str, str] = field(default_factory=dict)
    """Users whose deletion was asked for, with their addresses, whether or not an answer was seen."""

    url_requests: dict[str, list[float]] = field(default_factory=dict)
    """When each user's requests for streaming URLs were answered, by the machine's clock in seconds, without those refused."""

    def answered_url(self, uid: str) -> None:
        """Note that a request for a streaming URL was answered."""
        self.url_requests.setdefault(uid, []).append(time.monotonic())

    def ack(self, uid: str, entry: str) -> None:
        """Note that an operation was acknowledged."""
        self.acknowledged.add(Acknowledged(uid, entry))

    def surprise(self, what: str) -> None:
        """Note an answer that must not occur."""
        self.surprise_count += 1
        if len(self.surprises) < MAX_SURPRISES:
            self.surprises.append(what)
