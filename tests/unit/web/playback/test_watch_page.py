"""The watch page over HTTP: for whom it is, what it says of links that are over, its files, and oEmbed."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from reelgate.domain.accounts.request_rates import Rate
from reelgate.ports.books import ReadSet
from reelgate.web.watch import assets as files
from tests.fixtures.api_client import ApiClient
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.shared_video import shared


@pytest.mark.parametrize(
    ("origins", "query", "ancestors"),
    [
        ((), "", "'none'"),
        ((), "?embed=1", "*"),
        (("https://blog.example",), "", "'none'"),
        (("https://blog.example",), "?embed=1", "https://blog.example"),
    ],
)
async def test_who_may_show_it_in_a_frame(
    services: MemoryServices, viewer: ApiClient, origins: tuple[str, ...], query: str, ancestors: str
) -> None:
    video = await shared(services, origins=origins)
    answer = await viewer.get(f"/watch/{video.token}{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors {ancestors}")
    assert "connect-src 'self' https://storage.example http://api.example" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, noarchive"
    assert answer.headers["cache-control"] == "no-store"
    assert f'data-play="/v1/play/{video.token}"' in answer.text


async def test_it_costs_nothing(services: MemoryServices, viewer: ApiClient) -> None:
    video = await shared(services)
    before = await services.books.read("ada", ReadSet())
    await viewer.get(f"/watch/{video.token}")
    assert await services.books.read("ada", ReadSet()) == before


async def test_a_link_that_is_over_says_so(services: MemoryServices, viewer: ApiClient) -> None:
    video = await shared(services)
    unknown = await viewer.get(f"/watch/{video.token[:-1]}{'0' if video.token[-1] != '0' else '1'}")
    assert (unknown.status_code, "This link does not work" in unknown.text) == (404, True)
    services.clock.advance(days=365 * 10)
    expired = await viewer.get(f"/watch/{video.token}?embed=1")
    assert (expired.status_code, "This link has expired" in expired.text) == (410, True)
    assert expired.headers["content-security-policy"].endswith("frame-ancestors *")
    for answer in (unknown, expired):
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text


async def test_what_the_page_loads_is_there_for_ever(services: MemoryServices, viewer: ApiClient) -> None:
    video = await shared(services)
    page = (await viewer.get(f"/watch/{video.token}")).text
    loaded = re.findall(r'(?:src|href)="(/watch/assets/[^"]+)"', page)
    assert len(loaded) == 4
    for path in loaded:
        answer = await viewer.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_files_without_compression_and_of_another_version(viewer: ApiClient) -> None:
    fetched = files.assets()
    script = fetched.files["player.js"]
    plain = await viewer.get(f"{fetched.folder_path()}/player.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == script.content == gzip.decompress(script.gzipped)
    old = await viewer.get("/watch/assets/0000000000000000/player.js")
    assert (old.headers["cache-control"], old.content) == ("no-cache", script.content)
    missing = await viewer.get(f"{fetched.folder_path()}/page.py")
    assert (missing.status_code, missing.json()["code"]) == (404, "asset_not_found")


async def test_without_its_library_it_names_the_command(
    services: MemoryServices, viewer: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Any:
        raise files.AssetsMissingError(f"Run: {files.FETCH}")

    monkeypatch.setattr(files, "assets", missing)
    video = await shared(services)
    answer = await viewer.get(f"/watch/{video.token}")
    assert answer.status_code == 503
    assert files.FETCH in answer.json()["hint"]


class TestOEmbed:
    """How other programs show the video."""

    async def test_a_frame_in_the_room_that_there_is(self, services: MemoryServices, viewer: ApiClient) -> None:
        video = await shared(services)
        url = f"http://api.example/watch/{video.token}"
        whole = (await viewer.get("/v1/oembed", params={"url": url})).json()
        assert (whole["type"], whole["version"], whole["provider_name"]) == ("video", "1.0", "Reelgate")
        assert f'src="{url}?embed=1"' in whole["html"]
        assert "thumbnail_url" not in whole
        small = (await viewer.get("/v1/oembed", params={"url": url, "maxwidth": "320", "maxheight": "10000"})).json()
        assert small["width"] == 320
        assert abs(small["width"] / small["height"] - whole["width"] / whole["height"]) < 0.02
        assert f'width="320" height="{small["height"]}"' in small["html"]

    @pytest.mark.parametrize("url", ["http://api.example/watch/rgp_0", "http://api.example/other", "http://[/watch/rgp_0", ""])
    async def test_other_addresses(self, viewer: ApiClient, url: str) -> None:
        answer = await viewer.get("/v1/oembed", params={"url": url})
        assert (answer.status_code, answer.json()["code"]) == (404, "grant_not_found")

    async def test_xml_is_not_offered(self, viewer: ApiClient) -> None:
        answer = await viewer.get("/v1/oembed", params={"url": "http://api.example/watch/rgp_0", "format": "xml"})
        assert answer.status_code == 400


async def test_a_page_that_is_refused_for_now_says_when_to_come_back(services: MemoryServices) -> None:
    limited = MemoryServices(function="stream_url", rates={**services.rates, "play": Rate(1)})
    video = await shared(limited)
    async with ApiClient(limited, None) as client:
        assert (await client.get(f"/watch/{video.token}")).status_code == 200
        refused = await client.get(f"/watch/{video.token}")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert 0 < int(refused.headers["retry-after"]) <= 60
