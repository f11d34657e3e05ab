"""All users' usage as version 1 of the API shows it to admins. Sizes are bytes, times are UTC."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from reelgate.domain.usage import usage_exports
from reelgate.domain.usage.usage_exports import Group, State
from reelgate.use_cases.usage import invoice_users
from reelgate.use_cases.usage.export_usage import FetchedExport
from reelgate.web.http.shapes import Instant, ListQuery
from reelgate.web.v1.usage.usage_shapes import BilledUsage, billed_usage

First = Annotated[date, Meta(description="The first day.", examples=["2026-11-01"])]
Last = Annotated[date, Meta(description="The last day: at most 366 days, and not after today.", examples=["2026-11-30"])]
GroupBy = Annotated[Group, Meta(description="A line for each day, or the sum of each calendar month.")]


class InvoiceQuery(ListQuery, kw_only=True):
    """Which days, and in which form."""

    first: First = field(name="from")
    last: Last = field(name="to")
    format: Annotated[
        Literal["json", "csv"],
        Meta(description="Pages of users (`limit` users each), or one CSV file with all of them, without `limit`."),
    ] = "json"
    group: GroupBy = "day"
    user_id: Annotated[
        Annotated[str, Meta(min_length=1, max_length=300)] | None, Meta(description="Only this user. By default all.")
    ] = None


class InvoiceLine(Struct, kw_only=True):
    """A user's day or month."""

    period: Annotated[str, Meta(description="A day, or a month (`2026-11`).", examples=["2026-11-03"])]
    open: Annotated[bool, Meta(description="Whether today is part of it: then these are the numbers until now.")]
    usage: BilledUsage


class InvoicedUser(Struct, kw_only=True):
    """A user's lines, without days and months in which nothing was stored or moved, and the sum of the whole range."""

    user_id: str
    email: str | None
    lines: list[InvoiceLine]
    total: BilledUsage


class InvoicePage(Struct, kw_only=True):
    """A page of users, by id. Users without any usage are left out, so a page can have fewer than `limit`."""

    items: list[InvoicedUser]
    next_cursor: str | None


class ExportOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to export."""

    first: First = field(name="from")
    last: Last = field(name="to")
    group: GroupBy = "day"


class UsageExport(Struct, kw_only=True):
    """An export of all users' usage as a CSV file."""

    export_id: str
    first: date = field(name="from")
    last: date = field(name="to")
    group: Group
    state: Annotated[State, Meta(description="`queued`, `running`, then `ready`; or `failed`: order another one.")]
    requested_by: str
    requested_at: Instant
    expires_at: Annotated[Instant, Meta(description="When the export and its file are removed.")]
    url: Annotated[str | None, Meta(description="Whoever has it can download the file. Null until it is ready.")]
    url_expires_at: Annotated[Instant | None, Meta(description="Fetch the export again for a new URL.")]


def invoiced_user(user: invoice_users.InvoicedUser) -> InvoicedUser:
    """Return a user's lines as the API shows them."""
    lines = [InvoiceLine(period=line.period, open=line.open, usage=billed_usage(line.usage)) for line in user.lines]
    return InvoicedUser(user_id=user.uid, email=user.email, lines=lines, total=billed_usage(user.total))


def ordered_export(export: usage_exports.UsageExport) -> UsageExport:
    """Return an export without a URL as the API shows it."""
    return fetched_export(FetchedExport(export=export))


def fetched_export(fetched: FetchedExport) -> UsageExport:
    """Return an export as the API shows it."""
    export = fetched.export
    return UsageExport(
        export_id=export.export_id,
        first=export.invoice.range.first,
        last=export.invoice.range.last,
        group=export.invoice.group,
        state=export.state,
        requested_by=export.requested_by,
        requested_at=export.requested_at,
        expires_at=export.expires_at,
        url=fetched.url,
        url_expires_at=fetched.url_expires_at,
    )
