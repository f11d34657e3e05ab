"""Write the exports of usage that were ordered, and remove those that have expired.

Each part is an object of its own, with the lines of about a thousand users, which are sent to the bucket page by page as they
are read. The export says after which user it goes on, so a run that dies repeats at most one part. When all users are written,
the bucket joins the parts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from reelgate.domain.errors import ReelgateError
from reelgate.domain.usage.usage_exports import Exports, UsageExport
from reelgate.ports.media import HasDerivedObjects, ObjectWriter
from reelgate.ports.runtime import HasIds
from reelgate.ports.usage import HasUsageExports
from reelgate.use_cases.upkeep.work_in_pages import Tally
from reelgate.use_cases.usage import read_days, usage_csv
from reelgate.use_cases.usage.invoice_users import PAGE, invoice_page, users_of_a_page


class Services(HasDerivedObjects, HasIds, HasUsageExports, read_days.Services, Protocol):
    """What writing exports needs."""


USERS_IN_A_PART = 1000
MAX_LINES_IN_MEMORY = 6000
"""How many lines a page of users may have: about a megabyte of CSV, and some ten of the days that it is made from."""
JOINED_AT_ONCE = 32
"""How many objects the bucket joins in one request (Cloud Storage docs, "Composite objects")."""

_log = logging.getLogger(__name__)


async def write_exports(services: Services, *, until: datetime) -> Tally:
    """Go on with each open export, oldest first, until the instant `until`. Another run may do the same at once."""
    done, failed, finished = 0, 0, True
    exports = await services.usage_exports.all()
    for export in sorted(exports.values(), key=lambda one: one.requested_at):
        try:
            if export.expires_at <= services.now():
                await _remove(services, export)
            elif export.open:
                finished = await _go_on(services, export, until) and finished
            else:
                continue
            done += 1
        except Exception as error:  # one that cannot be written must not hold up the others
            failed += 1
            _log.warning("export %s is left for the next run: %s", export.export_id, error, exc_info=not _expected(error))
            await _changed(services, export, UsageExport.failed_once_more)
    return Tally(done=done, failed=failed, finished=finished and not failed)


def _expected(error: Exception) -> bool:
    return isinstance(error, ReelgateError)


async def _remove(services: Services, export: UsageExport) -> None:
    await services.derived_objects.remove_all(export.folder)

    def without(exports: Exports) -> tuple[Exports, None]:
        return {one: kept for one, kept in exports.items() if one != export.export_id}, None

    await services.usage_exports.change(without)


async def _go_on(services: Services, export: UsageExport, until: datetime) -> bool:
    """Write parts, and join them after the last one. Returns whether the export is complete."""
    current: UsageExport | None = export
    while current is not None and current.open and not current.written:
        if services.now() >= until:
            return False
        current = await _write_part(services, current)
    if current is not None and current.open:
        await _join(services, current)
    return True


async def _write_part(services: Services, export: UsageExport) -> UsageExport | None:
    """Write the export's next part. Returns the export as it is then, perhaps brought further by another run."""
    name = export.next_part(services.new_id())
    writer = services.derived_objects.create(name, content_type=usage_csv.MEDIA_TYPE)
    try:
        if not export.parts:
            await writer.write(usage_csv.header().encode())
        next_cursor = await _write_users(services, export, writer)
        await writer.finish()
    except BaseException:
        await writer.abandon()
        raise

    def with_part(current: UsageExport) -> UsageExport:
        return current.with_part(name, next_cursor) if current.open and current.parts == export.parts else current

    return await _changed(services, export, with_part)


async def _write_users(services: Services, export: UsageExport, writer: ObjectWriter) -> str | None:
    """Write the lines of the next users, and return the cursor after them. At most a page of them is in memory."""
    limit = users_of_a_page(export.invoice, min(PAGE, USERS_IN_A_PART), MAX_LINES_IN_MEMORY)
    users, cursor = 0, export.cursor
    while users < USERS_IN_A_PART:
        page = await invoice_page(services, export.invoice, limit=limit, cursor=cursor)
        await writer.write(usage_csv.records(page.items).encode(errors="replace"))
        users += limit
        cursor = page.next_cursor
        if cursor is None:
            break
    return cursor


async def _join(services: Services, export: UsageExport) -> None:
    """Join the parts, in as many rounds as it takes, and mark the export as ready."""
    names: Sequence[str] = export.parts
    level = 0
    while len(names) > JOINED_AT_ONCE:
        level += 1
        names = [
            await _composed(services, f"{export.folder}parts/{level}-{at:05}.csv", names[at : at + JOINED_AT_ONCE])
            for at in range(0, len(names), JOINED_AT_ONCE)
        ]
    await _composed(services, export.object_name, names)
    await _changed(services, export, UsageExport.joined)
    await services.derived_objects.remove_all(f"{export.folder}parts/")


async def _composed(services: Services, name: str, sources: Sequence[str]) -> str:
    await services.derived_objects.compose(name, sources, content_type=usage_csv.MEDIA_TYPE)
    return name


async def _changed(services: Services, export: UsageExport, change: Callable[[UsageExport], UsageExport]) -> UsageExport | None:
    """Change the export as it is now, and return it; None if it was removed meanwhile."""

    def decide(exports: Exports) -> tuple[Exports, UsageExport | None]:
        current = exports.get(export.export_id)
        if current is None:
            return exports, None
        changed = change(current)
        return {**exports, export.export_id: changed}, changed

    return await services.usage_exports.change(decide)
