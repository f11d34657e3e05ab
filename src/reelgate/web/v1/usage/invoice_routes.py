"""Routes of version 1 in the `usage` function for admins: invoices, exports, and a user's day."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Protocol

from starlette.responses import Response, StreamingResponse

from reelgate.domain import errors
from reelgate.domain.usage.usage_exports import Group, Invoice
from reelgate.ports.accounts import HasUserLookup
from reelgate.use_cases.usage import export_usage, read_days, reset_usage, usage_csv
from reelgate.use_cases.usage.export_usage import fetch_usage_export, order_usage_export
from reelgate.use_cases.usage.invoice_users import (
    InvoicedUser,
    invoice_everybody,
    invoice_page,
    invoice_user,
    users_of_a_page,
)
from reelgate.use_cases.usage.read_days import range_of
from reelgate.web.http.calls import LIST, Call
from reelgate.web.http.shapes import Answer, v1
from reelgate.web.v1.usage.invoice_shapes import (
    ExportOrder,
    InvoicePage,
    InvoiceQuery,
    UsageExport,
    fetched_export,
    invoiced_user,
    ordered_export,
)


class Services(
    export_usage.FetchServices,
    export_usage.OrderServices,
    read_days.Services,
    reset_usage.Services,
    HasUserLookup,
    Protocol,
):
    """What these routes need."""


CSV = f"{usage_csv.MEDIA_TYPE}; charset=utf-8; header=present"
"""RFC 7111 and RFC 4180, section 3."""

_log = logging.getLogger(__name__)


async def admin_list_usage(call: Call[Services], query: InvoiceQuery) -> InvoicePage | Response:
    """Invoice all users, or one.

    A line for each user and day, or each user and month. As JSON, the answer has a page of users. As CSV, it has all of them;
    if it cannot be completed, the connection is closed, so that no client takes a part for the whole. For more than 3000 users,
    or 200,000 lines, order an export.
    """
    invoice = _invoice(call.services, query.first, query.last, query.group)
    call.note(**_noted(invoice), format=query.format)
    if query.user_id is not None:
        call.note(user_id=query.user_id)
    if query.format == "csv":
        return await _csv(call, invoice, query.user_id)
    if query.user_id is not None:
        if query.cursor is not None:
            raise errors.InvalidRequest.of_fields("The invoice of one user is one page.", "cursor", "user_id")
        only = await invoice_user(call.services, invoice, query.user_id)
        return InvoicePage(items=[invoiced_user(only)] if only else [], next_cursor=None)
    page = await invoice_page(call.services, invoice, limit=users_of_a_page(invoice, query.limit), cursor=call.cursor())
    return InvoicePage(items=[invoiced_user(user) for user in page.items], next_cursor=call.next_cursor(page.next_cursor))


async def _csv(call: Call[Services], invoice: Invoice, user_id: str | None) -> Response:
    paged = [name for name in LIST if name in call.request.query_params]
    if paged:
        raise errors.InvalidRequest.of_fields("A CSV file has no pages.", *paged)
    if user_id is None:
        pages = await invoice_everybody(call.services, invoice)
    else:
        only = await invoice_user(call.services, invoice, user_id)
        pages = _page_of([only] if only else [])
    name = f"usage-{invoice.range.first}-{invoice.range.last}-by-{invoice.group}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if call.request.method == "HEAD":
        return Response(media_type=CSV, headers=headers)
    return StreamingResponse(_lines(pages), media_type=CSV, headers=headers)


async def _page_of(users: Sequence[InvoicedUser]) -> AsyncIterator[Sequence[InvoicedUser]]:
    yield users


async def _lines(pages: AsyncIterator[Sequence[InvoicedUser]]) -> AsyncIterator[bytes]:
    yield usage_csv.header().encode()
    try:
        async for users in pages:
            yield usage_csv.records(users).encode(errors="replace")
    except Exception:
        _log.exception("an invoice ended early")
        raise  # the status has been sent: all that is left is to close the connection before the end


async def admin_create_usage_export(call: Call[Services], order: ExportOrder) -> Answer[UsageExport]:
    """Order an export of all users' usage.

    It is written within some minutes. While an export of the same days is being written, this returns that one.
    """
    invoice = _invoice(call.services, order.first, order.last, order.group)
    call.note(**_noted(invoice))
    export = await order_usage_export(call.services, call.caller, invoice)
    call.note(export_id=export.export_id)
    return Answer(ordered_export(export), headers={"Location": f"/v1/admin/usage/exports/{export.export_id}"})


async def admin_get_usage_export(call: Call[Services]) -> UsageExport:
    """Show an export, and where its file is.

    Exports are removed a week after they were ordered.
    """
    export_id = call.params["export_id"]
    call.note(export_id=export_id)
    return fetched_export(await fetch_usage_export(call.services, export_id))


async def admin_reset_user_usage(call: Call[Services]) -> None:
    """Give a user the whole daily limit again.

    What they used today no longer counts against the limit. It is billed all the same.
    """
    user_id = call.user_id()
    call.note(user_id=user_id)
    await reset_usage.reset_usage(call.services, user_id, audit=call.audit)


def _invoice(services: read_days.Services, first: date, last: date, group: Group) -> Invoice:
    return Invoice(range=range_of(services, first, last), group=group)


def _noted(invoice: Invoice) -> dict[str, str]:
    return {"from": str(invoice.range.first), "to": str(invoice.range.last), "group": invoice.group}


ROUTES = (
    v1(
        "GET",
        "/v1/admin/usage",
        admin_list_usage,
        takes=InvoiceQuery,
        gives=InvoicePage,
        media_types={usage_csv.MEDIA_TYPE: "As CSV, all users, or the one."},
        action="usage.read",
        admin=True,
        refuses=(errors.ExportNeeded, errors.UserNotFound),
    ),
    v1(
        "POST",
        "/v1/admin/usage/exports",
        admin_create_usage_export,
        takes=ExportOrder,
        gives=UsageExport,
        status=202,
        action="usage.export_ordered",
        admin=True,
        refuses=(errors.TooManyExports,),
    ),
    v1(
        "GET",
        "/v1/admin/usage/exports/{export_id}",
        admin_get_usage_export,
        gives=UsageExport,
        action="usage.read",
        admin=True,
        refuses=(errors.ExportNotFound,),
    ),
    v1(
        "POST",
        "/v1/admin/users/{user_id}/reset-usage",
        admin_reset_user_usage,
        action="usage.reset",
        admin=True,
        refuses=(errors.UserNotFound,),
    ),
)
