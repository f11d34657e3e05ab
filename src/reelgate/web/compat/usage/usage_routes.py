"""Routes of the `usage` function: storage status, and `/api/usage` of the usage monitoring."""

from __future__ import annotations

import re
from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.books.account import Account, percent
from reelgate.domain.files import names
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.check_uploads import check_bandwidth, current_account
from reelgate.use_cases.usage.report_usage import DayReport, day_report, report_deletion, report_upload
from reelgate.use_cases.usage.reset_usage import reset_usage
from reelgate.use_cases.usage.show_storage import show_storage
from reelgate.web.compat.usage.usage_answers import upload_detail
from reelgate.web.compat.videos.video_answers import trash_json, video_json
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.answers.problems import message_of
from reelgate.web.http.calls import LIST, Call, Route


class Services(CommitServices, HasIds, HasUserLookup, Protocol):
    """What these routes need."""


_USER_ID = re.compile(r"[^/_.][^/]{0,127}")


async def get_storage_status(call: Call[Services]) -> Response:
    """Show how much storage the caller uses, and the files in it."""
    status = await show_storage(call.services, call.caller, limit=call.limit(1000), cursor=call.cursor())
    account, page = status.account, status.videos
    limit = account.limits(call.services.policy.default_limits).storage_bytes
    return as_json(
        {
            "total_storage": limit,
            "used_storage": account.stored,
            "storage_percentage": percent(account.stored, limit),
            "reserved_storage": account.reserved,
            "available_storage": max(0, limit - account.occupied),
            **trash_json(account, call.services.policy),
            "files": [video_json(video) for video in page.items],
            "next_cursor": call.next_cursor(page.next_cursor),
        }
    )


async def post_check_bandwidth(call: Call[Services]) -> Response:
    """Say whether an upload of a size fits into the day. A refusal is 400, as clients of the usage monitoring expect."""
    size = names.clean_size((await call.json()).get("file_size"), field="file_size")
    call.note(size=size)
    try:
        await check_bandwidth(call.services, call.caller, size)
    except errors.BandwidthLimitExceeded as refused:
        return call.refuse(refused, status=400, allowed=False, message=message_of(refused))
    return as_json({"allowed": True, "message": "Upload permitted"})


async def post_log_upload(call: Call[Services]) -> Response:
    """Count an upload to another store; uploads to this one are counted already. A refusal is 400, as above."""
    filename, size = await _reported(call)
    try:
        key = call.idempotency_key()
        report = await report_upload(call.services, call.caller, filename=filename, size=size, report_id=key, audit=call.audit)
    except errors.BandwidthLimitExceeded as refused:
        return call.refuse(refused, status=400)
    return as_json(
        {
            "email": _email(call, report.account),
            "date": report.account.today.date.isoformat(),
            "total_upload_volume": report.account.today.uploaded,
            "uploads": [upload_detail(entry) for entry in report.uploads],
        }
    )


async def post_log_deletion(call: Call[Services]) -> Response:
    """Count a deletion in another store; deletions in this one are counted already."""
    filename, size = await _reported(call)
    key = call.idempotency_key()
    account = await report_deletion(call.services, call.caller, filename=filename, size=size, report_id=key, audit=call.audit)
    return as_json(
        {
            "email": _email(call, account),
            "file_deleted": filename,
            "file_size": size,
            "updated_deletion_volume": account.today.deleted_bytes,
            "total_deletion_count": account.today.deletion_count,
        }
    )


async def post_reset_daily(call: Call[Services]) -> Response:
    """Reset a user's day (admins only); without `user_id` the admin's own."""
    user_id = (await call.json(may_be_empty=True)).get("user_id", call.caller.uid)
    if not isinstance(user_id, str) or not _USER_ID.fullmatch(user_id) or not user_id.isprintable():
        raise errors.InvalidRequest("This is not the id of a user.", field="user_id")
    call.note(user_id=user_id)
    try:
        await reset_usage(call.services, user_id, audit=call.audit)
    except errors.UserNotFound as error:
        raise errors.UserStorageNotFound("This user has not stored or sent anything yet.") from error
    return as_json({"message": "Daily usage successfully reset."})


async def get_alerts(call: Call[Services]) -> Response:
    """Say whether the day's bandwidth is running low."""
    account = await current_account(call.services, call.caller)
    limits = account.limits(call.services.policy.default_limits)
    used, limit = account.today.used, limits.daily_bytes
    return as_json(
        {
            "total_bandwidth_used": used,
            "bandwidth_total_limit": limit,
            "bandwidth_percentage_used": percent(used, limit),
            "bandwidth_checks": {
                "bandwidth_limit_approaching": used * 100 >= limit * 80,
                "bandwidth_limit_exceeded": used >= limit,
            },
            "alerts_today": sorted(account.today.raised),
        }
    )


async def get_summary(call: Call[Services]) -> Response:
    """Sum up the caller's day."""
    report: DayReport = await day_report(call.services, call.caller)
    day = report.account.today
    limit = report.account.limits(call.services.policy.default_limits).daily_bytes
    return as_json(
        {
            "email": _email(call, report.account),
            "date": day.date.isoformat(),
            "total_bandwidth_limit": limit,
            "total_data_bandwidth_used": day.used,
            "remaining_bandwidth": max(0, limit - report.account.day_total),
            "bandwidth_percentage_consumed": percent(day.used, limit),
            "upload_count": day.upload_count,
            "uploads": [upload_detail(entry) for entry in report.uploads],
            "uploaded": day.uploaded,
            "streamed": day.streamed,
            "reserved": report.account.reserved,
            "deleted_volume": day.deleted_bytes,
            "deletion_count": day.deletion_count,
        }
    )


async def _reported(call: Call[Services]) -> tuple[str, int]:
    body: dict[str, Any] = await call.json()
    filename = names.clean_filename(body.get("file_name"), field="file_name")
    size = names.clean_size(body.get("file_size"), field="file_size")
    call.note(filename=filename, size=size)
    return filename, size


def _email(call: Call[Services], account: Account) -> str | None:
    return call.caller.email or account.email


ROUTES = (
    Route("GET", "/storage-status", get_storage_status, query=LIST),
    Route("POST", "/api/usage/check-upload-bandwidth", post_check_bandwidth),
    Route("POST", "/api/usage/log-upload", post_log_upload, action="usage.upload_reported"),
    Route("POST", "/api/usage/log-deletion", post_log_deletion, action="usage.deletion_reported"),
    Route("POST", "/api/usage/reset-daily", post_reset_daily, action="usage.reset", admin=True),
    Route("GET", "/api/usage/check-usage-alerts", get_alerts),
    Route("GET", "/api/usage/daily-summary", get_summary),
)
