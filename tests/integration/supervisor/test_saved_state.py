"""Users and books are there again after a stop, a restart and a crash: Google's emulators for real, saved and begun with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.supervisor.ports import find_free_base, port_of
from localcloud.supervisor.processes.process_identity import is_running
from localcloud.supervisor.services.snapshots import Snapshots
from localcloud.supervisor.state.folder import ROOT, StateFolder
from tests.fixtures.eventually import eventually

OWNER = {"Authorization": "Bearer owner"}
ADA = {"email": "ada@example.org", "password": "correct horse battery", "returnSecureToken": True}


class Cloud:
    """A local cloud of Firestore and Auth, or of fewer parts, with a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = find_free_base()
        self.state = StateFolder(self.port, folder)
        self.snapshots = Snapshots(self.state, print)
        auth = f"http://127.0.0.1:{port_of('auth', self.port)}"
        self.accounts = f"{auth}/identitytoolkit.googleapis.com/v1/accounts"
        self.tokens = f"{auth}/securetoken.googleapis.com/v1/token?key=k"
        self.users = f"{auth}/identitytoolkit.googleapis.com/v1/projects/demo-reelgate/accounts"
        self.databases = f"http://127.0.0.1:{port_of('firestore', self.port)}/v1/projects/demo-reelgate/databases"

    def run(self, *command: str) -> str:
        arguments = [sys.executable, "-m", "localcloud", "--port", str(self.port), "--state", str(self.state.path), *command]
        done = subprocess.run(arguments, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def up(self, only: str = "firestore,auth", *more: str) -> str:
        return self.run("up", "--detach", "--only", only, *more)

    def supervisor(self) -> int:
        record = self.state.read_record()
        assert record
        return record.pid

    def kill(self) -> None:
        """Kill the supervisor as a power loss would, and wait until its processes are gone with it."""
        record = self.state.read_record()
        assert record
        os.kill(record.pid, signal.SIGKILL)
        processes = record.processes.values()
        eventually(lambda: not any(is_running(process.pid or 0, process.start) for process in processes))

    def write(self, path: str, *, database: str = "(default)", **fields: Any) -> None:
        httpx.patch(f"{self.databases}/{database}/documents/{path}", headers=OWNER, json={"fields": fields}).raise_for_status()

    def read(self, path: str, *, database: str = "(default)") -> Any:
        answer = httpx.get(f"{self.databases}/{database}/documents/{path}", headers=OWNER)
        return answer.json()["fields"] if answer.status_code == 200 else answer.status_code

    def post(self, url: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        answer = httpx.post(url, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def sign_up(self) -> dict[str, Any]:
        return self.post(f"{self.accounts}:signUp?key=k", ADA)

    def sign_in(self) -> int:
        return httpx.post(f"{self.accounts}:signInWithPassword?key=k", json=ADA).status_code

    def known(self) -> list[dict[str, Any]]:
        """Return all users with all that is known of them."""
        listed: list[dict[str, Any]] = httpx.get(f"{self.users}:batchGet?maxResults=-1", headers=OWNER).json()["users"]
        return listed


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "Zustand ü")
    yield made
    made.run("down")


EVERY_KIND = {
    "number": {"integerValue": "9007199254740993"},
    "time": {"timestampValue": "2026-01-01T00:00:00.123456Z"},
    "bytes": {"bytesValue": "AAEC"},
    "map": {"mapValue": {"fields": {"é": {"nullValue": None}, "list": {"arrayValue": {"values": [{"doubleValue": 0.5}]}}}}},
}


def test_a_stop_and_a_start_change_nothing(cloud: Cloud) -> None:
    assert "Users and books" not in cloud.up()
    cloud.run("down")
    cloud.up()  # with nothing at all saved
    ada = cloud.sign_up()
    cloud.post(f"{cloud.users}:update", {"localId": ada["localId"], "customAttributes": '{"role":"admin"}'}, **OWNER)
    cloud.post(
        cloud.users, {"localId": "bob", "email": "bob@example.org", "password": "another one", "disabled": True}, **OWNER
    )
    cloud.write("users/ü b/days/2026-01-01", **EVERY_KIND)
    cloud.write("users/ü b/media/f1", database="reelgate-media", n={"integerValue": "1"})
    known = cloud.known()
    assert cloud.run("down") == "Stopped.\n"
    assert not cloud.snapshots.are_unsaved
    assert "Users and books are those of" in cloud.up()
    assert cloud.known() == known
    assert cloud.read("users/ü b/days/2026-01-01") == EVERY_KIND
    assert cloud.read("users/ü b/media/f1", database="reelgate-media") == {"n": {"integerValue": "1"}}
    assert cloud.read("users/ü b/media/f1") == cloud.read("users/ü b/days/2026-01-01", database="reelgate-media") == 404
    assert cloud.sign_in() == 200
    # Tokens of before the stop still are good, as on the real service.
    assert cloud.post(f"{cloud.accounts}:lookup?key=k", {"idToken": ada["idToken"]})["users"][0]["localId"] == ada["localId"]
    refreshed = cloud.post(cloud.tokens, {"grant_type": "refresh_token", "refresh_token": ada["refreshToken"]})
    assert refreshed["user_id"] == ada["localId"]


def test_what_does_not_run_keeps_its_last_state(cloud: Cloud) -> None:
    cloud.up()
    cloud.sign_up()
    cloud.write("users/ada", n={"integerValue": "1"})
    cloud.run("down")
    cloud.up("auth")
    cloud.run("down")
    cloud.up("firestore")
    assert cloud.read("users/ada") == {"n": {"integerValue": "1"}}
    cloud.run("down")
    cloud.up("auth")
    assert cloud.sign_in() == 200


def test_ctrl_c_saves_for_the_owner_s_eyes_only(cloud: Cloud) -> None:
    cloud.up("auth")
    cloud.sign_up()
    record = cloud.state.read_record()
    assert record
    os.kill(record.pid, signal.SIGINT)
    eventually(lambda: not is_running(record.pid, record.start))
    newest = cloud.snapshots.newest()
    assert newest
    assert json.loads((newest / "users.json").read_text())[0]["email"] == ADA["email"]
    for folder in (cloud.state.path, cloud.snapshots.folder, newest):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_a_restart_of_one_process_loses_nothing(cloud: Cloud) -> None:
    cloud.up("auth")
    cloud.sign_up()
    cloud.run("restart", "auth")
    assert cloud.sign_in() == 200


def test_a_killed_process_begins_with_what_was_saved_last_and_says_so(cloud: Cloud) -> None:
    cloud.up("firestore")
    cloud.write("users/ada", n={"integerValue": "1"})
    cloud.run("restart", "firestore")
    assert cloud.read("users/ada") == {"n": {"integerValue": "1"}}, "a restart loses nothing"
    cloud.write("users/ada", n={"integerValue": "2"})
    cloud.run("kill", "firestore")

    def begun_again() -> bool:
        try:
            return bool(cloud.read("users/ada") == {"n": {"integerValue": "1"}})
        except httpx.TransportError:
            return False  # the supervisor is starting it

    eventually(begun_again, "Firestore with what was saved")
    assert "firestore begins again with what was saved at" in cloud.state.log("supervisor").read_text()


def test_after_a_crash_of_everything_the_next_start_says_what_is_lost(cloud: Cloud) -> None:
    cloud.up("auth")
    cloud.sign_up()
    cloud.kill()
    said = cloud.up()
    assert (
        "ended without saving (killed, or the machine went down): users and books are lost, because no snapshot existed yet."
        in said
    )
    assert cloud.sign_in() == 400
    cloud.write("users/ada", n={"integerValue": "2"})
    cloud.run("down")
    cloud.up()
    cloud.write("users/ada", n={"integerValue": "3"})
    cloud.kill()
    said = cloud.up()
    assert "ended without saving (killed, or the machine went down): users and books are those of" in said
    assert "ops bucket --grace 0 --repair" in said
    assert cloud.read("users/ada") == {"n": {"integerValue": "2"}}
    cloud.run("down")
    assert "without saving" not in cloud.up("auth")


def test_a_snapshot_that_was_cut_off_is_none(cloud: Cloud) -> None:
    cloud.up("auth")
    cloud.sign_up()
    cloud.run("down")
    newest = cloud.snapshots.newest()
    assert newest
    half = newest.with_name(f"{int(newest.name) + 1:06}.draft")
    half.mkdir()
    (half / "users.json").write_text("[{")
    cloud.up("auth")
    assert cloud.sign_in() == 200
    cloud.run("down")
    assert not list(cloud.snapshots.folder.glob("*.draft"))


def test_a_temporary_cloud_saves_nothing(cloud: Cloud) -> None:
    cloud.up("auth", "--temporary")
    cloud.sign_up()
    cloud.run("restart", "auth")
    cloud.run("down")
    assert not cloud.snapshots.folder.exists()


def test_erased_is_begun_anew_and_what_is_not_ours_stays(cloud: Cloud) -> None:
    cloud.up("auth")
    cloud.sign_up()
    stranger = cloud.state.path / "letter.txt"
    stranger.write_text("dear me")
    secret = cloud.state.hmac_secret()
    assert "Erased" in cloud.run("down", "--erase")
    assert {path.name for path in cloud.state.path.iterdir()} <= {"letter.txt", "lock"}
    cloud.up("auth")
    assert cloud.sign_in() == 400
    assert cloud.state.hmac_secret() != secret
