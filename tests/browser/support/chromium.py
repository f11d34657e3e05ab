"""Chromium as tests in Python use it: pages, keys, screenshots. playwright-core drives it, in a process of Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localcloud.supervisor.polling import wait_for
from tests.fixtures.node_packages import node_packages

DRIVER = Path(__file__).parent / "playwright"
NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "isMobile": True, "hasTouch": True, "deviceScaleFactor": 2}


def find_chromium() -> str | None:
    """Return the program, or None if there is none here. REELGATE_CHROMIUM names one that is not on the PATH."""
    given = os.environ.get("REELGATE_CHROMIUM")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


class BrowserError(AssertionError):
    """The browser could not do what was asked."""


class Browser:
    """A running Chromium."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version = self._read()["version"]

    def open(self, **options: Any) -> Page:
        """Return a page with cookies and caches of its own. Options are those of Playwright's `newContext`."""
        return Page(self, self.ask("open", [options or DESKTOP]))

    def ask(self, call: str, arguments: list[Any], **more: Any) -> Any:
        """Return what the driver answers. Raises BrowserError."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"call": call, "args": arguments, **more}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise BrowserError(answer["error"])
        return answer["value"]

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BrowserError(f"the browser's driver ended with {self._process.wait()}")
        return dict(json.loads(line))


class Page:
    """A page, or a frame in it: `frame` is a part of its address."""

    def __init__(self, browser: Browser, number: int, frame: str | None = None) -> None:
        self._browser, self._number, self._frame = browser, number, frame

    def in_frame(self, address: str) -> Page:
        """Return the frame that has this in its address."""
        return Page(self._browser, self._number, address)

    def do(self, call: str, *arguments: Any) -> Any:
        """Call a method of Playwright's `Page` or `Frame`. Raises BrowserError."""
        return self._browser.ask(call, list(arguments), page=self._number, frame=self._frame)

    def goto(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""
        self.do("goto", url)

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of an expression, after it has settled if it is a promise."""
        return self.do("evaluate", expression)

    def wait_for(self, expression: str, seconds: float = 30) -> None:
        """Wait until an expression is true. Raises BrowserError, with what the page has said.

        It is asked for again and again from here: Playwright's own waiting is by `eval`, which the page's policy forbids.
        """
        if not wait_for(lambda: self.evaluate(expression), seconds, poll_seconds=0.05):
            raise BrowserError("\n".join([f"not within {seconds} s: {expression}", *self.said()]))

    def click(self, selector: str) -> None:
        """Click what a selector finds."""
        self.do("click", selector)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._browser.ask("keyboard.press", [key], page=self._number)

    def answer_with(self, pattern: str, *, status: int | None = None, body: str = "", **headers: str) -> None:
        """Answer requests whose address fits a pattern (`**/v1/usage`) from here on; without a status, break them off."""
        answer = None if status is None else {"status": status, "body": body, "headers": headers}
        self.do("answerWith", pattern, answer)

    def said(self) -> list[str]:
        """Return what the page has written to the console so far, and errors that nothing caught."""
        return list(self.do("said"))

    def ranges(self) -> list[str]:
        """Return the `Content-Range` of each request so far that had one."""
        return list(self.do("ranges"))

    def protocol(self, method: str, **parameters: Any) -> Any:
        """Send a command of Chromium's own protocol (https://chromedevtools.github.io/devtools-protocol)."""
        return self.do("cdp", method, parameters)

    def drop(self, selector: str, *paths: Path) -> None:
        """Drop files and folders of this machine on what a selector finds."""
        box = self.evaluate(f"document.querySelector({selector!r}).getBoundingClientRect().toJSON()")
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.protocol("Input.dispatchDragEvent", type=kind, **place, data=data)

    def screenshot(self, path: Path, **options: Any) -> None:
        """Write a picture of the page to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._browser.ask("screenshot", [{"path": str(path), **options}], page=self._number)

    def close(self) -> None:
        """Close the page."""
        self.do("close")


@contextmanager
def running(chromium: str) -> Iterator[Browser]:
    """A browser that ends with the block."""
    command = ["node", str(DRIVER / "driver.mjs"), str(node_packages(DRIVER)), chromium]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Browser(process)
    finally:
        try:
            process.communicate(timeout=20)  # the end of its input ends it
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
