"""What accounts write beside the books: only what is asked for is indexed, and what ends is removed by its time-to-live."""

from __future__ import annotations

import json

from reelgate.ports.accounts import RateLimit
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.newcomers import sign_up
from tests.fixtures.openapi_document import ROOT

OVERRIDES = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))["fieldOverrides"]
ASKED = {("usernames", "uid")}
"""By what a deleted user's records are found."""

EXEMPT = {(override["collectionGroup"], override["fieldPath"]) for override in OVERRIDES if override["indexes"] == []}


async def test_every_field_is_exempt(services: MemoryServices) -> None:
    await sign_up(services)
    claim = await services.usernames.find("Ada")
    assert claim is not None
    await services.rate_limiter.count(RateLimit("x", 5), window=services.account_policy.attempts_window, now=services.now())
    written = {
        (stored.address.collection[0], name)
        for stored in services.documents.database.documents.values()
        if stored.address.collection[0] not in {"audit", "users"}  # the books, which have tests of their own
        for name in stored.fields
    }
    assert {collection for collection, _ in written} == {"usernames", "attempts"}
    assert written - EXEMPT == ASKED


def test_what_ends_is_removed() -> None:
    lasting = {override["collectionGroup"] for override in OVERRIDES if override.get("ttl")}
    assert {"usernames", "attempts"} <= lasting
