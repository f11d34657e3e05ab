"""A page of a site of its own with all uploaders, and users who upload there."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.support.chromium import Browser, Page
from tests.browser.support.other_site import site
from tests.e2e.people import Person, sign_up
from tests.fixtures.node_packages import node_packages

HERE = Path(__file__).parent
SCRIPT = 'import * as page from "./doors.js"; Object.assign(window, page);'
PAGE = f'<!doctype html><title>Uploaders</title><script type="module">{SCRIPT}</script>'


class UploaderPage:
    """The page, opened in a browser."""

    def __init__(self, page: Page, address: str, api: str) -> None:
        self.page, self._address, self._site = page, address, {"api": api}
        self.load()

    def load(self) -> None:
        """Load it, or load it again."""
        self.page.goto(self._address)
        self.page.wait_for("window.doors !== undefined")

    def given(self, person: Person) -> str:
        """Return what an uploader gets to know about site and user, as arguments."""
        return f"{json.dumps(self._site)}, {json.dumps({'token': person.token, 'uid': person.uid})}"

    def begin(self, door: str, person: Person, name: str, size: int) -> None:
        """Start an upload; `ended` has what becomes of it."""
        uid, sent = json.dumps(person.uid), f"file({json.dumps(name)}, {size})"
        self.page.evaluate(
            f"(window.ends ??= {{}}, delete ends[{uid}], doors.{door}({self.given(person)}, {sent})"
            f".catch(error => error.message).then(end => ends[{uid}] = end), true)"
        )

    def ended(self, person: Person, seconds: float = 90) -> str:
        """Wait for the end of a user's upload, and return what the page says about it."""
        end = f"window.ends[{json.dumps(person.uid)}]"
        self.page.wait_for(f"{end} !== undefined", seconds=seconds)
        return str(self.page.evaluate(end))

    def bytes_sent(self, person: Person) -> int:
        """Return how many bytes this page has sent to the bucket for a user, since it was loaded."""
        return int(self.page.evaluate(f"bucket.bytesOf({json.dumps(person.uid)})"))


@pytest.fixture(scope="session")
def doors_script() -> bytes:
    """The uploaders and the adapter in one script."""
    packages = node_packages(HERE)
    command = ["node", str(packages / "esbuild" / "bin" / "esbuild"), str(HERE / "doors.mjs"), "--bundle", "--format=esm"]
    # The packages of others are not beside the page.
    run = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "NODE_PATH": str(packages)})
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


@pytest.fixture
def uploaders(browser: Browser, cloud: Mapping[str, str], doors_script: bytes) -> Iterator[UploaderPage]:
    """The page, on an origin of its own."""
    with site() as served:
        served.files = {"/": PAGE.encode(), "/doors.js": doors_script}
        page = browser.open()
        yield UploaderPage(page, served.origin, cloud["REELGATE_URL"])
        page.close()


@pytest.fixture
def newcomer(cloud: Mapping[str, str]) -> Iterator[Callable[[], Person]]:
    """Make users, each with an empty account."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(sign_up(cloud))


@pytest.fixture
def faults(cloud: Mapping[str, str]) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Set what goes wrong between browsers and the bucket. It ends with the test."""
    url = f"{cloud['STORAGE_EMULATOR_HOST']}/_emulator/faults"

    def put(rules: list[dict[str, Any]]) -> None:
        httpx.put(url, json={"rules": rules}).raise_for_status()

    yield put
    httpx.delete(url).raise_for_status()
