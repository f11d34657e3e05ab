"""A real browser. Where there is none, its tests are skipped; `.ci/run` installs one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from localcloud.supervisor.commands.cli_commands import environment_in, temporary_cloud
from localcloud.supervisor.services import clients
from localcloud.supervisor.services.watch_assets import fetch
from tests.browser.console.console_page import Console
from tests.browser.support.chromium import Browser, Page, find_chromium, running
from tests.browser.support.fake_site import FakeSite, fake_site
from tests.browser.support.film import Film, film_of
from tests.browser.support.shared_film import a_minute, short_leases, video_id  # noqa: F401
from tests.e2e.conftest import admin, person  # noqa: F401 - fixtures of this ring, too


@pytest.fixture(scope="session")
def cloud() -> Iterator[Mapping[str, str]]:
    """A local cloud's environment. Beside other processes of tests it is one of its own: their tests kill functions."""
    if os.environ.get("REELGATE_URL") and not os.environ.get("PYTEST_XDIST_WORKER"):
        yield os.environ
        return
    with temporary_cloud() as state:
        yield environment_in(state)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip(
            "NO BROWSER IS TESTED: there is no Chromium. Install one (apt-get install chromium), or set REELGATE_CHROMIUM."
        )
    with running(chromium) as found:
        yield found


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages that are closed after the test."""
    opened: list[Page] = []

    def open_one(**options: Any) -> Page:
        opened.append(browser.open(**options))
        return opened[-1]

    yield open_one
    for page in opened:
        page.close()


@pytest.fixture(scope="session")
def film() -> Film:
    """A minute of picture and sound, packaged."""
    return film_of(seconds=60)


@pytest.fixture
def site(film: Film) -> Iterator[FakeSite]:
    """The API and the bucket, as far as the page needs them, with a link to the film."""
    fetch()
    with fake_site(film) as found:
        yield found


@pytest.fixture(scope="session")
def console_origin(cloud: Mapping[str, str]) -> str:
    """Where the web console is, built from its sources as they are."""
    clients.build()
    return cloud["REELGATE_URL"]


@pytest.fixture
def console(console_origin: str, open_page: Callable[..., Page]) -> Callable[..., Console]:
    """Open the web console, by default as it is at a desk."""
    return lambda **options: Console(open_page(**options), console_origin)
