"""localcloud/ as a package of its own."""

import tomllib

from localcloud.supervisor.state.folder import ROOT

FOLDER = ROOT / "localcloud"


def test_every_folder_of_modules_is_among_the_packages() -> None:
    declared = tomllib.loads((FOLDER / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = [path.parent.relative_to(ROOT) for path in FOLDER.rglob("__init__.py")]
    assert sorted(declared) == sorted(".".join(folder.parts) for folder in folders)


def test_no_folder_has_more_than_twelve_entries() -> None:
    ignored = {"__init__.py", "__pycache__", "reelgate_localcloud.egg-info", "build"}
    for folder in [FOLDER, *(path.parent for path in FOLDER.rglob("__init__.py"))]:
        entries = {path.name for path in folder.iterdir()} - ignored
        assert len(entries) <= 12, (folder, sorted(entries))
