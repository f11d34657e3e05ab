"""A web site with `<reelgate-uploader>` on it, under a strict policy, and a bucket that fails on request."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from localcloud.supervisor.services.clients import build
from tests.browser.support.chromium import Page
from tests.browser.support.other_site import Site
from tests.fixtures.openapi_document import ROOT

DIST = ROOT / "clients" / "js" / "dist"


@cache
def built() -> Path:
    """Return the folder of the built client."""
    build()
    return DIST


POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src *; worker-src 'self'"
EVENTS = ["uploadstart", "chunkattempt", "chunksuccess", "progress", "success", "uploaderror", "ready", "offline", "online"]
ELEMENT = "document.querySelector('reelgate-uploader')"
FIND = f"{ELEMENT}.items.find(({{ filename }}) => filename === name)"
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta http-equiv="Content-Security-Policy" content="POLICY" />
    <title>Upload</title>
    <link rel="stylesheet" href="/page.css" />
    <script type="module" src="/page.js"></script>
  </head>
  <body>
    <main>
      <h1>Your videos</h1>
      ELEMENT
    </main>
  </body>
</html>
"""
STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.4 system-ui, sans-serif; }
body { background: light-dark(#f6f8fa, #0d1117); color: light-dark(#1b1f24, #e6edf3); }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
"""
SCRIPT = """
import { Reelgate } from "/index.js";
import "/uploader.js";
const uploader = document.querySelector("reelgate-uploader");
window.heard = [];
for (const kind of EVENTS) uploader.addEventListener(kind, ({ detail }) => window.heard.push({ kind, detail }));
const [api, token] = [API, TOKEN];
SETUP
"""


def publish(site: Site, api: str, token: str, *, element: str = "<reelgate-uploader></reelgate-uploader>", setup: str) -> None:
    """Put the built client and a page on a site.

    Args:
        element: the markup of the element.
        setup: JavaScript that tells it where to send files, with `uploader`, `Reelgate`, `api` and `token`.
    """
    script = SCRIPT.replace("EVENTS", json.dumps(EVENTS)).replace("API", json.dumps(api)).replace("TOKEN", json.dumps(token))
    site.files = {
        "/": PAGE.replace("POLICY", POLICY).replace("ELEMENT", element).encode(),
        "/page.css": STYLE.encode(),
        "/page.js": script.replace("SETUP", setup).encode(),
        **{f"/{file.name}": file.read_bytes() for file in built().glob("*.js")},
    }


def example(name: str) -> tuple[bytes, bytes]:
    """Return the page and the built script of an example of the client's."""
    clients = built().parent.parent
    source = clients / "js" / "examples" / name
    command = [
        clients / "node_modules" / ".bin" / "esbuild",
        source.with_suffix(".tsx"),
        "--bundle",
        "--format=esm",
        "--minify",
    ]
    made = subprocess.run(command, cwd=clients, capture_output=True, check=True)
    return source.with_suffix(".html").read_bytes(), made.stdout


class Uploader:
    """The element on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def heard(self, kind: str) -> list[Any]:
        """Return the details of the events of a kind so far."""
        return list(self.page.evaluate(f"heard.filter(({{ kind }}) => kind === {kind!r}).map(({{ detail }}) => detail)"))

    def items(self) -> dict[str, dict[str, Any]]:
        """Return the files of the list by their names."""
        members = "({ filename, state, sentBytes, problem, videoId }) => ({ filename, state, sentBytes, problem, videoId })"
        found = self.page.evaluate(f"{ELEMENT}.items.map({members})")
        return {item["filename"]: item for item in found}

    def until(self, condition: str, seconds: float = 40) -> None:
        """Wait until an expression about the element `it`, its shadow `root`, or `file(NAME)` of its list is true."""
        names = "(it, root, file) => Boolean(CONDITION)".replace("CONDITION", condition)
        self.page.wait_for(f"(({names})({ELEMENT}, {ELEMENT}.shadowRoot, (name) => {FIND}))", seconds)

    def until_state(self, filename: str, state: str, seconds: float = 40) -> dict[str, Any]:
        """Wait until a file is in a state, and return it."""
        self.until(f"file({json.dumps(filename)})?.state === {state!r}", seconds)
        return self.items()[filename]

    def until_shown(self, text: str) -> None:
        """Wait until people can read this."""
        visible = "[...root.querySelectorAll('.drop p, .drop span, .status, li')].filter((one) => one.checkVisibility())"
        self.until(f"{visible}.some((one) => one.textContent.includes({json.dumps(text)}))")

    def add(self, *paths: Path) -> None:
        """Choose files by the button."""
        self.page.click("reelgate-uploader .select")
        self.choose(*paths)

    def choose(self, *paths: Path) -> None:
        """Choose files in the dialog that is open."""
        self.page.do("setInputFiles", "reelgate-uploader input[type=file]", [str(path) for path in paths])

    def press_button(self, name: str) -> None:
        """Click the button that screen readers call so."""
        self.page.click(f"reelgate-uploader button[aria-label={json.dumps(name)}]")


def film_like(path: Path, size: int) -> Path:
    """Write a file of a size, each 256 KiB of it different."""
    with path.open("wb") as file:
        for at in range(0, size, 1 << 18):
            file.write(at.to_bytes(8, "big") * min(1 << 15, -(-(size - at) // 8)))
        file.truncate(size)
    return path


@contextmanager
def broken_bucket(cloud: Mapping[str, str], *rules: Mapping[str, Any]) -> Iterator[None]:
    """Let requests to upload sessions and parts fail by these rules, until the block ends."""
    faults = f"{cloud['STORAGE_EMULATOR_HOST']}/_emulator/faults"
    every = {"methods": ["PUT"], "path_prefix": f"/{cloud['REELGATE_MEDIA_BUCKET']}/"}
    httpx.put(faults, json={"rules": [{**every, **rule} for rule in rules]}).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(faults).raise_for_status()
