"""From a token's text to the open grant: what is read, and what is refused without reading anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, Document
from reelgate.domain import errors
from reelgate.domain.playback.grant_terms import GrantTerms
from reelgate.domain.playback.grants import TOKENS
from reelgate.use_cases.playback.create_grant import MadeGrant, create_grant
from reelgate.use_cases.playback.open_grant import find_grant, open_grant
from reelgate.use_cases.playback.revoke_grants import revoke_one_grant
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_id
from tests.doubles.memory_identity import ADA
from tests.fixtures.memory_services import MemoryServices


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices(function="stream_url", api_url="https://api.example/base")


async def shared(services: MemoryServices, **terms: Any) -> MadeGrant:
    """Upload a video and share it."""
    video = await services.add_video()
    return await create_grant(services, ADA, video.file_id, GrantTerms(**terms))


def noted_reads(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> list[Collection[Address]]:
    """Return the list in which all reads of the books' documents are noted from now on."""
    reads, get = list[Collection[Address]](), services.books_store.get

    async def noting(*addresses: Address, **more: Any) -> Mapping[Address, Document]:
        reads.append(addresses)
        return await get(*addresses, **more)

    monkeypatch.setattr(services.books_store, "get", noting)
    return reads


async def test_a_token_opens_its_video_with_one_look_up_and_one_batch(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await shared(services)
    reads = noted_reads(services, monkeypatch)
    opened = await open_grant(services, made.token, None)
    assert (opened.grant, opened.account.uid, opened.video.file_id) == (made.shown.grant, "ada", made.shown.grant.file_id)
    assert [len(addresses) for addresses in reads] == [1, 3]
    reads.clear()
    await open_grant(services, made.token, None)
    assert [len(addresses) for addresses in reads] == [3]  # what never changes of a grant is known


async def test_malformed_tokens_are_refused_without_any_read(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await shared(services)
    reads = noted_reads(services, monkeypatch)
    changed = made.token[:-1] + ("0" if made.token[-1] != "0" else "1")
    for text in (
        "",
        "rgp_",
        "x" * 10_000,
        changed,
        made.token + "\n",
        f" {made.token}",
        made.token.lower(),
        "rgk" + made.token[3:],
    ):
        with pytest.raises(errors.GrantNotFound):
            await open_grant(services, text, None)
    assert reads == []


async def test_random_tokens_with_a_true_check_find_nothing_also_with_the_id_of_a_grant(services: MemoryServices) -> None:
    made = await shared(services)
    for text in (TOKENS.new().text, TOKENS.derived(made.shown.grant.grant_id, b"x" * 32).text):
        with pytest.raises(errors.GrantNotFound):
            await open_grant(services, text, None)


async def test_pages_of_other_origins_are_refused_but_not_our_own(services: MemoryServices) -> None:
    made = await shared(services, origins=("https://a.example",))
    for origin in (None, "https://a.example", "https://api.example"):
        await open_grant(services, made.token, origin)
    await open_grant(services, made.token, "https://watch.example", own_origin="https://watch.example")
    for origin in ("https://b.example", "null", "http://a.example", ""):
        with pytest.raises(errors.OriginNotAllowed):
            await find_grant(services, made.token, origin)


async def test_what_is_over_is_refused_by_its_own_code(services: MemoryServices) -> None:
    made = await shared(services, lifetime=timedelta(hours=1))
    services.clock.advance(hours=1)
    with pytest.raises(errors.GrantExpired):
        await open_grant(services, made.token, None)
    await revoke_one_grant(services, ADA, made.shown.grant.grant_id)
    with pytest.raises(errors.GrantRevoked):
        await open_grant(services, made.token, None)
    other = await create_grant(services, ADA, made.shown.grant.file_id, GrantTerms())
    await delete_video(services, ADA, by_id(made.shown.grant.file_id))
    with pytest.raises(errors.VideoUnavailable):
        await open_grant(services, other.token, None)
