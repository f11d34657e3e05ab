"""URLs of posters: signed here, or links that cost nothing until they are opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain.books.video import Video
from reelgate.domain.errors import PosterNotFound, Unavailable
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.usage.egress_tags import PARAMETER
from reelgate.use_cases.media.conversion.convert_video import convert_video, remove_derived
from reelgate.use_cases.media.link_posters import link_poster
from reelgate.use_cases.media.open_poster import OpenedPoster, open_poster
from tests.fixtures.conversions import a_video, order, record_of
from tests.fixtures.memory_services import MemoryServices


async def converted(services: MemoryServices) -> tuple[Video, DerivedMedia]:
    video = await a_video(services)
    await convert_video(services, order(video))
    return video, await record_of(services, video)


async def link_of(services: MemoryServices, record: DerivedMedia) -> tuple[str, str, str]:
    services.signer.signs_locally = False
    poster = await link_poster(services, record)
    assert poster is not None
    _, user_id, video_id, capability = poster.url.removeprefix(f"{services.api_url}/v1").rsplit("/", 3)
    return user_id, video_id, capability


async def test_a_signer_with_a_key_signs_the_object_itself(services: MemoryServices) -> None:
    _, record = await converted(services)
    poster = await link_poster(services, record)
    assert poster is not None
    assert poster.url.startswith(f"https://storage.example/derived/ada/{record.file_id}/1/poster.jpg?")
    assert services.now() < poster.expires_at <= services.now() + timedelta(hours=2)
    assert services.signer.signed[-1].query == {PARAMETER: "free:poster"}


@pytest.mark.parametrize("api_url", ["", "https://api.example"])
async def test_with_a_remote_signer_it_is_a_link_of_the_api(services: MemoryServices, api_url: str) -> None:
    _, record = await converted(services)
    services.signer.signs_locally, services.api_url = False, api_url
    poster = await link_poster(services, record)
    assert poster is not None
    assert poster.url.startswith(f"{api_url}/v1/posters/ada/{record.file_id}/")
    assert not [signed for signed in services.signer.signed if signed.bucket == "derived"]
    assert poster.url not in repr(poster)
    assert await link_poster(services, record) == poster


async def test_an_opened_link_leads_to_the_signed_url_of_its_window(services: MemoryServices) -> None:
    _, record = await converted(services)
    signed = await link_poster(services, record)
    link = await link_of(services, record)
    assert signed is not None
    left = signed.expires_at - services.now()
    assert await open_poster(services, *link) == OpenedPoster(signed.url, int(left.total_seconds()))
    services.clock.advance(seconds=left.total_seconds() - 1)
    assert await open_poster(services, *link) == OpenedPoster(signed.url, 1)
    services.clock.advance(seconds=1)
    with pytest.raises(PosterNotFound):
        await open_poster(services, *link)


async def test_every_wrong_link_is_refused_in_the_same_words(services: MemoryServices) -> None:
    _, record = await converted(services)
    user_id, video_id, capability = await link_of(services, record)
    other = capability[:-1] + ("A" if capability[-1] != "A" else "B")
    wrong = [
        (user_id, video_id, other),
        (user_id, "id-99", capability),
        ("bob", video_id, capability),
        (user_id, video_id, "short"),
        (user_id, "..", capability),
        ("x" * 301, video_id, capability),
        ("\n", video_id, capability),
    ]
    said = set()
    for link in wrong:
        with pytest.raises(PosterNotFound) as refused:
            await open_poster(services, *link)
        said.add(str(refused.value))
    assert len(said) == 1
    assert not [signed for signed in services.signer.signed if signed.bucket == "derived"]


async def test_a_link_ends_with_its_video(services: MemoryServices) -> None:
    video, record = await converted(services)
    link = await link_of(services, record)
    await remove_derived(services, "ada", video.file_id)
    with pytest.raises(PosterNotFound):
        await open_poster(services, *link)


async def test_a_link_is_not_signed_while_the_signer_is_away(services: MemoryServices) -> None:
    _, record = await converted(services)
    link = await link_of(services, record)
    services.signer.unavailable = True
    with pytest.raises(Unavailable):
        await open_poster(services, *link)


async def test_without_a_poster_or_a_secret_there_is_no_link(services: MemoryServices) -> None:
    _, record = await converted(services)
    services.signer.signs_locally = False
    assert await link_poster(services, None) is None
    assert await link_poster(services, replace(record, poster="failed")) is None
    assert await link_poster(services, replace(record, poster_secret=None)) is None


async def test_each_poster_has_a_secret_of_its_own_that_is_not_shown(services: MemoryServices) -> None:
    _, record = await converted(services)
    assert record.poster_secret
    assert record.poster_secret not in repr(record)
    sound = await a_video(services, "b.mp3", content_type="audio/mpeg")
    await convert_video(services, order(sound))
    assert (await record_of(services, sound)).poster_secret is None
