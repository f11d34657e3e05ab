"""The exports of usage, all in one document `usage/exports`: their number is small, and bounded without a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Fields
from reelgate.adapters.documents.single_documents import change_document, get_document
from reelgate.domain.usage.usage_days import DateRange
from reelgate.domain.usage.usage_exports import Exports, Invoice, UsageExport

_ADDRESS = Address(("usage",), "exports")
_PLAIN = tuple(field.name for field in fields(UsageExport) if field.name != "invoice")


class DocumentUsageExports:
    """Implements `UsageExports` over any `DocumentStore`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def all(self) -> Exports:
        """See `UsageExports.all`."""
        return _decoded(await get_document(self._documents, _ADDRESS))

    async def change[T](self, decide: Callable[[Exports], tuple[Exports, T]]) -> T:
        """See `UsageExports.change`."""

        def decided(document: Document | None) -> tuple[Fields | None, T]:
            before = _decoded(document)
            after, result = decide(before)
            return (None if after == before else {"exports": {one: _encode(export) for one, export in after.items()}}), result

        contended = "The exports are being changed by too many requests at once."
        return await change_document(self._documents, _ADDRESS, decided, contended=contended)


def _encode(export: UsageExport) -> dict[str, Any]:
    invoice = export.invoice
    about = {"from": invoice.range.first.isoformat(), "to": invoice.range.last.isoformat(), "group": invoice.group}
    return {**{name: getattr(export, name) for name in _PLAIN}, "parts": list(export.parts), **about}


def _decoded(document: Document | None) -> Exports:
    kept: Mapping[str, Any] = {} if document is None else document.fields["exports"]
    return {one: _decode(fields) for one, fields in kept.items()}


def _decode(kept: Mapping[str, Any]) -> UsageExport:
    days = DateRange(first=date.fromisoformat(kept["from"]), last=date.fromisoformat(kept["to"]))
    plain = {**{name: kept[name] for name in _PLAIN}, "parts": tuple(kept["parts"])}
    return UsageExport(invoice=Invoice(range=days, group=kept["group"]), **plain)
