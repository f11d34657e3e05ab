"""The JavaScript client over a store with state and faults: tests for `node --test`, one here for each file there."""

from __future__ import annotations

import re
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
    said = node("--test-reporter=tap", Path("test") / name)
    assert "# fail 0" in said
    assert "# pass 0" not in said


def test_users_are_told_by_the_compiler_what_is_wrong() -> None:
    options = [
        "--noEmit",
        "--strict",
        "--skipDefaultLibCheck",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--lib",
        "es2023,dom,dom.iterable",
    ]
    node(FOLDER / "node_modules" / "typescript" / "bin" / "tsc", *options, "test/use.ts")


def test_the_readme_has_the_sizes_of_the_build() -> None:
    shown = sizes_in((PACKAGE / "README.md").read_text(encoding="utf-8"))
    built = sizes_in(node("sizes.mjs"))
    assert "@reelgate/client" in shown
    wrong = {name: (size, built.get(name)) for name, size in shown.items() if abs(size - built.get(name, 0)) > 1}
    assert wrong == {}, "cd clients/js && node sizes.mjs --write"


def sizes_in(text: str) -> dict[str, int]:
    """Return the gzipped size in KB of each entry of a table."""
    return {found[1]: int(found[2]) for found in re.finditer(r"^\| `(.+?)` \| (\d+) KB \|", text, re.MULTILINE)}


def test_the_client_stays_small() -> None:
    assert int(node("sizes.mjs", "--bytes", "index.js")) <= CORE_BYTES
