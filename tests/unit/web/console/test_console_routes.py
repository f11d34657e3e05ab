"""The web console over HTTP: one page, what it loads, what browsers keep, and what is said where it was not built."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from reelgate.web.console import files
from reelgate.web.console.console_routes import ROUTES
from reelgate.web.console.serving import serve
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.console_files import STAND_IN, stand_in

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' https://storage.example",
    "connect-src": "'self' https://storage.example",
    "media-src": "'self' blob: https://storage.example",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


class NoServices:
    """All that the function has: neither books nor users nor topics, so whatever asks for them fails."""

    storage_url = "https://storage.example"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await (await serve(Request(scope, receive), ROUTES, NoServices()))(scope, receive, send)


class Browser(ApiClient):
    """Somebody who is not signed in, at a function without rights. Every answer is held to openapi.yaml."""

    def __init__(self) -> None:
        httpx.AsyncClient.__init__(self, transport=httpx.ASGITransport(app), base_url="http://api.example")


@pytest.fixture
async def browser() -> AsyncIterator[ApiClient]:
    async with Browser() as client:
        yield client


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a console of this test's own."""
    monkeypatch.setattr(files, "FOLDER", stand_in(tmp_path / "dist"))
    return files.FOLDER


async def test_the_page_and_what_it_may_do(browser: ApiClient) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.text) == (200, STAND_IN["index.html"])
    said = answer.headers
    assert said["content-type"] == "text/html; charset=utf-8"
    assert dict(part.split(" ", 1) for part in said["content-security-policy"].split("; ")) == POLICY
    assert (said["referrer-policy"], said["x-robots-tag"]) == ("no-referrer", "noindex, noarchive")
    assert (said["cross-origin-opener-policy"], said["x-content-type-options"]) == ("same-origin", "nosniff")
    assert said["strict-transport-security"] == "max-age=31536000"
    assert "camera=()" in said["permissions-policy"]


async def test_browsers_ask_whether_the_page_is_still_the_same(browser: ApiClient, built: Path) -> None:
    first = await browser.get("/")
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await browser.get("/", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "no-cache"
    for unknown in ('"other"', tag.strip('W/"'), ""):
        assert (await browser.get("/", headers={"If-None-Match": unknown})).status_code == 200
    (built / "index.html").write_text("<p>Another", encoding="utf-8")
    os.utime(built / "index.html", ns=(1, 1))
    other = await browser.get("/", headers={"If-None-Match": tag})
    assert (other.status_code, other.text) == (200, "<p>Another")


async def test_what_the_page_loads_is_there_for_ever(browser: ApiClient) -> None:
    loaded = re.findall(r'(?:src|href)="([^"]+)"', (await browser.get("/")).text)
    assert len(loaded) == 4
    for path in loaded:
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        plain = await browser.get(path, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content == STAND_IN[path.removeprefix("/console/")].encode()
        assert plain.headers["content-type"] == answer.headers["content-type"]


def test_all_instances_send_the_same_bytes(built: Path) -> None:
    one = files.console().assets["console-8C9D0E1F.js"]
    os.utime(built / "index.html", ns=(1, 1))
    other = files.console().assets["console-8C9D0E1F.js"]
    assert other is not one
    assert other.gzipped == one.gzipped != one.content == gzip.decompress(one.gzipped)


@pytest.mark.parametrize("name", ["none.js", "index.html", "console_routes.py", "%00", "a%0Ab.js"])
async def test_other_files(browser: ApiClient, name: str) -> None:
    answer = await browser.get(f"/console/assets/{name}")
    problem_of(answer, 404, "asset_not_found")
    assert answer.headers["cache-control"] == "no-store"


async def test_head_says_the_same_without_a_body(browser: ApiClient) -> None:
    for path in ("/", "/console/assets/icon-0A1B2C3D.svg"):
        got, headed = await browser.get(path), await browser.head(path)
        assert headed.headers.get("etag") == got.headers.get("etag")
        assert headed.headers["content-length"] == got.headers["content-length"]


async def test_a_link_may_have_got_a_query_on_its_way(browser: ApiClient) -> None:
    assert (await browser.get("/?fbclid=1&fbclid=2")).status_code == 200
    problem_of(await browser.get("/console/assets/icon-0A1B2C3D.svg?v=1"), 400, "invalid_request")


async def test_nothing_else_is_done_there(browser: ApiClient) -> None:
    answer = await browser.post("/")
    problem_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    problem_of(await browser.get("/console"), 404, "not_found")
    problem_of(await browser.options("/console"), 404, "not_found")


async def test_pages_of_other_sites_cannot_read_it(browser: ApiClient) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await browser.request(method, "/", headers={"Origin": "https://app.example"})
        assert answer.is_success
        assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_before_it_was_built_the_page_says_how(browser: ApiClient, built: Path) -> None:
    shutil.rmtree(built)
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert files.BUILD in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers
    missing = problem_of(await browser.get("/console/assets/icon-0A1B2C3D.svg"), 404, "asset_not_found")
    assert files.BUILD in missing["hint"]
    stand_in(built)
    assert (await browser.get("/")).text == STAND_IN["index.html"]
