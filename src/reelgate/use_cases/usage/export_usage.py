"""Order an invoice as a file, and fetch it. The sweep writes it (`use_cases/upkeep/write_exports.py`)."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.usage.usage_exports import Exports, Invoice, UsageExport, order_export
from reelgate.domain.value_types import value_type
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedBucket
from reelgate.ports.runtime import HasClock, HasIds
from reelgate.ports.storage import HasSigner, UrlToSign
from reelgate.ports.usage import HasUsageExports
from reelgate.use_cases.videos.name_download import attachment

URL_SECONDS = 900


class OrderServices(HasClock, HasIds, HasUsageExports, Protocol):
    """What ordering an export needs."""


class FetchServices(HasClock, HasDerivedBucket, HasSigner, HasUsageExports, Protocol):
    """What fetching an export needs."""


@value_type
class FetchedExport:
    """An export as of now. `url` is set when it is ready: it lets its holder download the file until `url_expires_at`."""

    export: UsageExport
    url: str | None = field(default=None, repr=False)
    url_expires_at: datetime | None = None


async def order_usage_export(services: OrderServices, caller: Caller, invoice: Invoice) -> UsageExport:
    """Order an export and return it; or the one of the same invoice that is being written, if there is one.

    Raises TooManyExports, Unavailable.
    """
    wanted = UsageExport(export_id=services.new_id(), invoice=invoice, requested_by=caller.uid, requested_at=services.now())

    def decide(exports: Exports) -> tuple[Exports, UsageExport]:
        return order_export(exports, wanted)

    return await services.usage_exports.change(decide)


async def fetch_usage_export(services: FetchServices, export_id: str) -> FetchedExport:
    """Return an export, with a URL of its file if it is ready.

    Raises:
        ExportNotFound: there is none with this id, or it has expired.
        Unavailable.
    """
    export, now = (await services.usage_exports.all()).get(export_id), services.now()
    if export is None or export.expires_at <= now:
        raise errors.ExportNotFound("There is no such export, or it was removed after a week.")
    if export.state != "ready":
        return FetchedExport(export=export)
    seconds = min(URL_SECONDS, max(1, int((export.expires_at - now).total_seconds())))
    to_sign = UrlToSign(
        method="GET",
        bucket=services.derived_bucket,
        object_name=export.object_name,
        expires_seconds=seconds,
        query={**EgressTag.free("export").parameter, "response-content-disposition": attachment(export.filename)},
    )
    url = await services.signer.signed_url(to_sign, now=now)
    return FetchedExport(export=export, url=url, url_expires_at=now + timedelta(seconds=seconds))
