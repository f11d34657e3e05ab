"""The files of the web console: one page, and what it loads. None is in the repository: one command builds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from reelgate.domain.value_types import value_type
from reelgate.web.http.answers.assets import MEDIA_TYPES, Asset, version_of

FOLDER = Path(__file__).with_name("dist")
PAGE = "index.html"
ASSETS = "assets"
PATH = "/console/assets/{asset}"
BUILD = "./emulator.sh clients"
"""The command that builds them."""


class ConsoleNotBuiltError(Exception):
    """There is no console to serve; the text says how to get one."""


@value_type
class Console:
    """The page, and the files that it loads, by name: a name has a digest in it, and never another content."""

    page: Asset
    version: str
    assets: Mapping[str, Asset]


def console() -> Console:
    """Return the console as it is now: it is read when somebody first asks, and again when it was built anew.

    Raises ConsoleNotBuiltError, which names the command that builds it.
    """
    try:
        # Whoever works on the console builds it beside a running local cloud. The page is the last file that a build writes.
        return _read(FOLDER, (FOLDER / PAGE).stat().st_mtime_ns)
    except OSError as error:
        raise ConsoleNotBuiltError(f"{FOLDER / PAGE} is missing: the web console was not built. Run: {BUILD}") from error


@lru_cache(maxsize=1)
def _read(folder: Path, _built: int) -> Console:
    page = (folder / PAGE).read_bytes()
    files = sorted(path for path in (folder / ASSETS).iterdir() if path.is_file() and path.suffix in MEDIA_TYPES)
    return Console(
        page=Asset(PAGE, page),
        version=version_of({PAGE: page}),
        assets={path.name: Asset(path.name, path.read_bytes()) for path in files},
    )
