"""The files of the watch page: found, compressed, and under an address that changes when they do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from reelgate.web.watch.assets import FETCH, FOLDER, HLS, OWN, AssetsMissingError, assets
from tests.fixtures.watch_files import without_npm


def test_all_that_is_in_the_folder_is_served(tmp_path: Path) -> None:
    assert {path.name for path in FOLDER.iterdir()} - {HLS} == set(OWN)
    found = assets(without_npm(tmp_path / "assets"))
    assert found.files.keys() == {*OWN, HLS}
    assert found.files["player.js"].media_type == "text/javascript; charset=utf-8"
    assert gzip.decompress(found.files["player.js"].gzipped) == (FOLDER / "player.js").read_bytes()


def test_another_content_is_another_version(tmp_path: Path) -> None:
    contents = {"one": b"1", "same": b"1", "other": b"2"}
    one, same, other = (assets(without_npm(tmp_path / name, content)) for name, content in contents.items())
    assert one.version == same.version != other.version
    assert one.files["player.js"].gzipped == same.files["player.js"].gzipped
    assert one.folder_path() == f"/watch/assets/{one.version}"


def test_without_the_library_the_error_names_the_command(tmp_path: Path) -> None:
    folder = without_npm(tmp_path / "assets")
    (folder / HLS).unlink()
    with pytest.raises(AssetsMissingError, match=FETCH):
        assets(folder)


def test_scripts_load_only_what_lies_beside_them() -> None:
    """Each is served under an address of its own version: an absolute one would miss it."""
    for name in OWN:
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            if line.startswith(("import ", "export * from")):
                assert line.split('"')[1].removeprefix("./") in OWN, (name, line)
