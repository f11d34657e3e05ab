"""The route of version 1 in the `accounts` function that exports everything about the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from reelgate.ports.accounts import HasDirectory
from reelgate.ports.notifications import HasPreferences
from reelgate.use_cases.personal_data.export_user import Services as ExportServices
from reelgate.use_cases.personal_data.export_user import export_page
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import v1
from reelgate.web.v1.accounts.api_key_shapes import api_key_of
from reelgate.web.v1.accounts.export_shapes import ExportQuery, UserExport, exported_grant, exported_upload
from reelgate.web.v1.accounts.my_routes import me_of
from reelgate.web.v1.audit.audit_shapes import audit_event
from reelgate.web.v1.notifications.delivery_shapes import notification_delivery
from reelgate.web.v1.usage.usage_shapes import ledger_entry, usage_day
from reelgate.web.v1.videos.video_file_shapes import video_file


class Services(ExportServices, HasDirectory, HasPreferences, Protocol):
    """What exporting needs."""


SHAPES: Mapping[str, Callable[[Any], Struct]] = {
    "videos": video_file,
    "trash": video_file,
    "uploads": exported_upload,
    "grants": exported_grant,
    "days": usage_day,
    "entries": ledger_entry,
    "api_keys": api_key_of,
    "deliveries": notification_delivery,
    "audit_events": audit_event,
}


async def export_my_data(call: Call[Services], page: ExportQuery) -> UserExport:
    """Export everything about you, page by page.

    Your account, videos, trash, open uploads, playback grants, days, ledger, API keys, mails and webhooks about you, and what
    the audit log says of you, in this order. Small accounts are one page. Otherwise send `next_cursor` as `cursor` until it is
    null, and join the lists of the pages. The bytes of a video are behind `GET /v1/videos/{video_id}/url?download=true`.
    """
    call.note(export=True)
    cursor = call.cursor()
    found = await export_page(call.services, call.caller, limit=page.limit, cursor=cursor)
    user = await me_of(call.services, call.caller) if cursor is None else None
    if call.audit is not None and cursor is not None:
        call.audit.recorded = True  # when it began: an export is one action
    lists: dict[str, Any] = {name: [SHAPES[name](item) for item in items] for name, items in found.sections.items()}
    return UserExport(exported_at=call.services.now(), user=user, **lists, next_cursor=call.next_cursor(found.next_cursor))


ROUTES = (
    v1(
        "GET",
        "/v1/me/export",
        export_my_data,
        takes=ExportQuery,
        gives=UserExport,
        action="user.exported",
        keys="never",
    ),
)
