"""How many documents one request reads, whichever records and books read them."""

from __future__ import annotations

from contextvars import ContextVar


class ReadMeter:
    """The documents that were read since the meter was made, as billed: looking for a missing document is a read."""

    __slots__ = ("documents",)

    def __init__(self) -> None:
        self.documents = 0


_current: ContextVar[ReadMeter | None] = ContextVar("current", default=None)


def metered() -> ReadMeter:
    """Return a new meter, which counts what this task, and those that it starts, read from now on."""
    meter = ReadMeter()
    _current.set(meter)
    return meter


def note_reads(documents: int) -> None:
    """Count documents, if a meter runs. Every store calls this."""
    meter = _current.get()
    if meter is not None:
        meter.documents += documents
