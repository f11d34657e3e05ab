"""The files that the watch page loads: our own, and hls.js, which is fetched from npm (docs/adr/0040-watch-page.md)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from reelgate.domain.value_types import value_type
from reelgate.web.http.answers.assets import Asset, version_of

FOLDER = Path(__file__).with_name("assets")
PATH = "/watch/assets/{assets_version}/{asset}"
HLS = "hls.light.min.js"
FETCH = "./emulator.sh watch-assets"
"""The command that fetches what other people wrote."""

OWN = (
    "controls.js",
    "icon.svg",
    "leases.js",
    "page.css",
    "play_api.js",
    "playback.js",
    "player.js",
    "sources.js",
    "sprites.js",
)


class AssetsMissingError(Exception):
    """What other people wrote of the player was not fetched."""


@value_type
class Assets:
    """All files, by name, and the version of them together: a digest, which is part of their addresses."""

    version: str
    files: Mapping[str, Asset]

    def folder_path(self) -> str:
        """Return the path below which the files are, without a slash at the end."""
        return PATH.format(assets_version=self.version, asset="").removesuffix("/")


@cache
def assets(folder: Path = FOLDER) -> Assets:
    """Return the files. They are read at the first call.

    Raises AssetsMissingError, which names the command that fetches what is missing.
    """
    if not (folder / HLS).is_file():
        raise AssetsMissingError(f"{folder / HLS} is missing, and the watch page plays nothing without it. Run: {FETCH}")
    contents = {name: (folder / name).read_bytes() for name in (*OWN, HLS)}
    return Assets(version=version_of(contents), files={name: Asset(name, content) for name, content in contents.items()})
