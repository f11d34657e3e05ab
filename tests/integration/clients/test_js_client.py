"""The JavaScript client over a store with state and faults: `node --test`, a test here for each file there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from localcloud.supervisor.services.clients import FOLDER, build

PACKAGE = FOLDER / "js"
CORE_BYTES = 12 * 1024
"""What the client may take of a page, gzipped."""


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The package, built."""
    build()


def node(*arguments: object) -> str:
    """Run Node in the package's folder, which must succeed, and return what it prints."""
    command = ["node", *(str(argument) for argument in arguments)]
    done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in (PACKAGE / "test").glob("*.test.mjs")))
def test_of_the_package(name: str) -> None:
    said = node("--test", "--test-reporter=tap", Path("test") / name)
    assert "# fail 0" in said
    assert "# pass 0" not in said


def test_the_readme_has_the_sizes_of_the_build() -> None:
    readme = (PACKAGE / "README.md").read_text(encoding="utf-8")
    assert node("sizes.mjs").strip() in readme, "node sizes.mjs --write"


def test_the_client_stays_small() -> None:
    assert int(node("sizes.mjs", "--bytes", "index.js")) <= CORE_BYTES
