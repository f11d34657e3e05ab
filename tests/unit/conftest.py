"""Unit tests need nothing that runs, and see nothing of it: `./emulator.sh test` runs them beside a local cloud."""

from __future__ import annotations

import os

import pytest

from reelgate.config.settings import EMULATOR_VARIABLES


@pytest.fixture(autouse=True)
def _no_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the local cloud's addresses and settings out of the environment."""
    for name in [name for name in os.environ if name in EMULATOR_VARIABLES or name.startswith("REELGATE_")]:
        monkeypatch.delenv(name)
