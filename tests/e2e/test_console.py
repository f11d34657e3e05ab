"""The web console over the gateway: what was built is served, to everybody, and people sign in with an account made for it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest

from localcloud.supervisor.services.clients import build


@pytest.fixture
def browser(cloud: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Somebody who opens the console for the first time."""
    build()
    with httpx.Client(base_url=cloud["REELGATE_URL"], headers={"Accept-Encoding": "gzip, br"}) as client:
        yield client


def test_the_page_and_all_that_it_loads(browser: httpx.Client, cloud: Mapping[str, str]) -> None:
    page = browser.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert f"connect-src 'self' {cloud['REELGATE_STORAGE_URL']};" in policy
    assert not re.search(r"<(?:script|style)(?![^>]* src=)[^>]*>|\son\w+=|\sstyle=", page.text), "the policy forbids it inline"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {path.rpartition(".")[2] for path in loaded} == {"js", "css", "svg", "txt"}
    licences = next(path for path in loaded if path.endswith(".txt"))
    assert all(f"\n{name} " in browser.get(licences).text for name in ("hls.js", "media-chrome", "preact"))
    for path in loaded:
        assert path.startswith("/console/assets/")
        got, headed = browser.get(path), browser.head(path)
        assert got.status_code == headed.status_code == 200
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert got.headers["content-encoding"] == "gzip"
        assert headed.headers["content-length"] == got.headers["content-length"]


def test_what_a_browser_knows_is_not_sent_again(browser: httpx.Client) -> None:
    tag = browser.get("/").headers["etag"]
    again = browser.get("/?utm_source=mail", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_what_else_browsers_and_robots_ask_for(browser: httpx.Client) -> None:
    """Both are the gateway's own 404: the page names its icon, and says itself that it is not to be listed."""
    for path in ("/favicon.ico", "/robots.txt", "/console", "/console/assets/"):
        assert browser.get(path).status_code == 404
    assert browser.post("/").status_code == 405
    assert browser.get("/").headers["x-robots-tag"] == "noindex, noarchive"


def test_people_sign_in_with_the_account_that_the_command_makes(browser: httpx.Client, emulator: Callable[..., str]) -> None:
    email = f"{secrets.token_hex(4)}@example.com"
    passwords = []
    for arguments, role in (((email,), "user"), ((email, "--admin"), "admin")):
        said = emulator("user", *arguments)
        assert f"{browser.base_url}" in said
        [password] = re.findall(r"^  password  (\S+)$", said, re.MULTILINE)
        signed_in = browser.post("/v1/auth/login", json={"email": email, "password": password})
        assert signed_in.status_code == 200, signed_in.text
        token = signed_in.json()["token"]
        me = browser.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
        assert (me["email"], me["role"]) == (email, role)
        passwords.append(password)
    assert browser.post("/v1/auth/login", json={"email": email, "password": passwords[0]}).status_code == 401
