"""A count of what Firestore is billed for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class OperationCount:
    """Documents read, written and deleted so far, as billed: looking for a missing document is a read."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0
