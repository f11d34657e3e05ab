"""Exports of all users' usage: invoices that take longer to write than a request may. They are written part by part.

All exports are kept together, so that their number is bounded (docs/adr/0024-billing-data.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from reelgate.domain import errors
from reelgate.domain.usage.usage_days import DateRange
from reelgate.domain.value_types import value_type

Group = Literal["day", "month"]
"""What one line of an invoice is about: a user's day, or the sum of the user's days of a calendar month."""

State = Literal["queued", "running", "ready", "failed"]

MAX_OPEN = 3
MAX_KEPT = 50
MAX_FAILURES = 20
"""How often an export may fail, at a part or when its parts are joined, before it is given up."""
KEPT = timedelta(days=7)
"""How long an export, with its file, can be fetched after it was ordered."""


@value_type
class Invoice:
    """What an invoice covers: these days, line by line in this way."""

    range: DateRange
    group: Group


@value_type
class UsageExport:
    """An order to write an invoice into a file.

    `parts` are the objects that have been written, in their order; `cursor` continues the list of accounts after them.
    `written` is set when there are no more accounts: then only joining the parts is left.
    """

    export_id: str
    invoice: Invoice
    requested_by: str
    requested_at: datetime
    state: State = "queued"
    cursor: str | None = None
    parts: tuple[str, ...] = ()
    written: bool = False
    failures: int = 0

    @property
    def open(self) -> bool:
        """Whether there is work left."""
        return self.state in {"queued", "running"}

    @property
    def expires_at(self) -> datetime:
        """When the export and its file are removed."""
        return self.requested_at + KEPT

    @property
    def folder(self) -> str:
        """What the names of all its objects begin with."""
        return f"exports/{self.export_id}/"

    @property
    def filename(self) -> str:
        """The name under which the file is saved."""
        return f"usage-{self.invoice.range.first}-{self.invoice.range.last}-by-{self.invoice.group}.csv"

    @property
    def object_name(self) -> str:
        """The object with the whole invoice."""
        return f"{self.folder}{self.filename}"

    def next_part(self, attempt_id: str) -> str:
        """Return the object for the users after the last part.

        Two runs may write the same part, and find its end at different users, because one has registered meanwhile. They must
        then not overwrite each other's, as only one of them goes on from there: each attempt has an id.
        """
        return f"{self.folder}parts/{len(self.parts):05}-{attempt_id}.csv"

    def with_part(self, name: str, next_cursor: str | None) -> UsageExport:
        """Return the export after the users up to this cursor were written into the object `name`."""
        return replace(self, state="running", cursor=next_cursor, parts=(*self.parts, name), written=next_cursor is None)

    def joined(self) -> UsageExport:
        """Return the export when its parts have become one file. Their names are dropped: all exports are one document."""
        return replace(self, state="ready", parts=()) if self.open else self

    def failed_once_more(self) -> UsageExport:
        """Return the export after a failure; after too many it is given up."""
        if not self.open:
            return self
        failures = self.failures + 1
        return replace(self, failures=failures, state="failed" if failures >= MAX_FAILURES else self.state)


Exports = Mapping[str, UsageExport]
"""All exports, by their ids."""


def order_export(exports: Exports, wanted: UsageExport) -> tuple[Exports, UsageExport]:
    """Return the exports with a new one, and that one; or the open export of the same invoice, if there is one.

    Raises TooManyExports.
    """
    for export in exports.values():
        if export.open and export.invoice == wanted.invoice:
            return exports, export
    if sum(export.open for export in exports.values()) >= MAX_OPEN or len(exports) >= MAX_KEPT:
        raise errors.TooManyExports(f"{MAX_OPEN} exports are being written, or {MAX_KEPT} are kept. Try again later.")
    return {**exports, wanted.export_id: wanted}, wanted


def calendar_month(day: date) -> str:
    """Return the month of a day as `2026-11`."""
    return f"{day:%Y-%m}"
