"""A local cloud that is stopped and started again: people, their passwords, their books and their bytes still fit together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.supervisor.commands.cli_commands import environment_of
from localcloud.supervisor.ports import find_free_base
from localcloud.supervisor.state.folder import StateFolder
from tests.e2e.people import Person
from tests.fixtures.openapi_document import ROOT

ADA = {"email": "ada@example.org", "password": "correct horse battery", "username": "Ada"}
FILM = os.urandom(3 * 256 * 1024 + 1)


class Cloud:
    """A local cloud that keeps what it has."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(find_free_base(), folder)
        self.url = environment_of(self.state)["REELGATE_URL"]

    def run(self, *command: str) -> str:
        place = ["--port", str(self.state.base_port), "--state", str(self.state.path)]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("REELGATE_") and name != "K_SERVICE"}
        done = subprocess.run(
            [sys.executable, "-m", "localcloud", *place, *command],
            cwd=ROOT, env=plain, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log_in(self) -> Person:
        """Return Ada, who logs in with her password."""
        answer = httpx.post(f"{self.url}/login", auth=(ADA["email"], ADA["password"]), timeout=60)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        api = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {told['token']}"}, timeout=60)
        return Person(told["uid"], ADA["email"], ADA["password"], told["token"], "", api, httpx.Client(timeout=60))


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A cloud of this test's own, which is up."""
    made = Cloud(tmp_path / "state")
    made.run("up", "--detach")
    try:
        yield made
    finally:
        made.run("down")


def test_people_their_books_and_their_bytes_are_there_again(own_cloud: Cloud) -> None:
    assert httpx.post(f"{own_cloud.url}/register", json=ADA, timeout=60).status_code == 201
    with own_cloud.log_in() as ada:
        assert ada.upload("film.mp4", FILM)["state"] == "ready"
        open_upload = ada.ask("next.mp4", 1000)
        uid, before, ledger = ada.uid, ada.storage_status(), ada.ledger()

    own_cloud.run("down")
    assert "Users and books are those of" in own_cloud.run("up", "--detach")

    # Registering once more is answered with who one is already.
    assert httpx.post(f"{own_cloud.url}/register", json=ADA, timeout=60).json()["uid"] == uid
    with own_cloud.log_in() as ada:
        assert ada.uid == uid
        assert ada.storage_status() == before
        assert ada.ledger() == ledger
        assert ada.api.get("/stream/video/film.mp4", follow_redirects=True).content == FILM
        # What was open is still open, and ends as ever.
        assert ada.send(open_upload, bytes(1000)).status_code == 200
        assert ada.settled(open_upload["upload_id"])["state"] == "ready"
        ada.assert_books_right()
