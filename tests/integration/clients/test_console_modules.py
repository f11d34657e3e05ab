"""What the console's pages compute, without a browser: `node --test`, a test here for each file there."""

from __future__ import annotations

import subprocess

import pytest

from localcloud.supervisor.services.clients import FOLDER, build

CONSOLE = FOLDER / "console"


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The packages that the tests bundle with."""
    build()


@pytest.mark.parametrize("name", sorted(path.name for path in (CONSOLE / "test").glob("*.test.mjs")))
def test_of_the_console(name: str) -> None:
    command = ["node", "--test", "--test-reporter=tap", f"test/{name}"]
    done = subprocess.run(command, cwd=CONSOLE, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout
