"""What other people wrote of the product's watch page: fetched from npm, for the local cloud, for tests and for deployments."""

import json
from pathlib import Path

from localcloud.supervisor.npm_packages import install
from localcloud.supervisor.services.product import WATCH_ASSETS, WATCH_LIBRARY
from localcloud.supervisor.state.folder import ROOT

SOURCE = ROOT / "functions" / "stream_url"


def fetch() -> Path:
    """Put the player's library where the watch page serves it from, and return its path; does nothing if it is there.

    The file begins with a line that names its version, by which an older one is recognised.

    Raises:
        CannotStartError: Node.js is missing or too old, or npm failed.
    """
    [(name, version)] = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"].items()
    target = WATCH_ASSETS / WATCH_LIBRARY
    note = f"/*! {name} {version}, Apache-2.0, https://github.com/video-dev/hls.js */\n".encode()
    if target.is_file() and target.read_bytes().startswith(note):
        return target
    packages = install(SOURCE, ROOT / ".local" / "watch-page", purpose="the watch page's player")
    unfinished = target.with_suffix(".part")
    unfinished.write_bytes(note + (packages / name / "dist" / WATCH_LIBRARY).read_bytes())
    unfinished.replace(target)
    return target
