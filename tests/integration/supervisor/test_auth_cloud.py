"""The command line end to end, with the Auth emulator alone: the smallest real cloud."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.supervisor.ports import find_free_base, port_of
from localcloud.supervisor.processes.process_identity import is_running
from localcloud.supervisor.state.folder import ROOT, StateFolder


class Cloud:
    """A state folder and the command line for it."""

    def __init__(self, folder: Path) -> None:
        self.port = find_free_base()
        self.state = StateFolder(self.port, folder)
        self.auth = f"http://127.0.0.1:{port_of('auth', self.port)}/identitytoolkit.googleapis.com/v1/accounts"

    def run(self, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        arguments = [sys.executable, "-m", "localcloud", "--port", str(self.port), "--state", str(self.state.path), *command]
        inherited = {name: value for name, value in os.environ.items() if name != "K_SERVICE"}
        return subprocess.run(
            arguments, cwd=ROOT, env={**inherited, **environment}, capture_output=True, text=True, check=False, timeout=120
        )

    def claims(self, *arguments: str) -> dict[str, Any]:
        done = self.run("token", *arguments)
        assert done.returncode == 0, done.stderr
        _header, payload, signature = done.stdout.rstrip("\n").split(".")
        assert signature == ""
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
        return claims


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    started = Cloud(tmp_path_factory.mktemp("cloud"))
    done = started.run("up", "--detach", "--only", "auth")
    assert done.returncode == 0, done.stderr
    assert "Ready in" in done.stdout
    yield started
    record = started.state.read_record()
    assert started.run("down").returncode == 0
    assert record
    assert not is_running(record.pid, record.start)
    assert started.run("status").returncode == 3


def test_a_token_is_for_the_same_user_each_time_and_its_role_is_what_was_asked(cloud: Cloud) -> None:
    plain = cloud.claims("ada@example.com")
    admin = cloud.claims("ada@example.com", "--admin")
    again = cloud.claims("ada@example.com")
    assert plain["sub"] == admin["sub"] == again["sub"]
    assert admin["role"] == "admin"
    assert "role" not in plain
    assert "role" not in again
    assert admin["aud"] == "demo-reelgate"
    assert admin["email"] == "ada@example.com"
    assert cloud.claims("bob@example.com")["sub"] != plain["sub"]


def test_a_user_who_signed_up_keeps_uid_and_password(cloud: Cloud) -> None:
    account = {"email": "eve@example.com", "password": "correct horse", "returnSecureToken": True}
    signed_up = httpx.post(f"{cloud.auth}:signUp?key=k", json=account).raise_for_status().json()
    assert cloud.claims("eve@example.com", "--admin")["sub"] == signed_up["localId"]
    signed_in = httpx.post(f"{cloud.auth}:signInWithPassword?key=k", json=account)
    assert signed_in.json()["localId"] == signed_up["localId"]


def test_an_address_that_is_none_is_an_error_without_a_token(cloud: Cloud) -> None:
    done = cloud.run("token", "not an address")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "INVALID_EMAIL" in done.stderr


def test_a_second_up_is_refused_in_the_foreground_and_content_in_the_background(cloud: Cloud) -> None:
    foreground = cloud.run("up", "--only", "auth")
    assert foreground.returncode == 1
    assert "running on port" in foreground.stderr
    assert cloud.run("up", "--detach", "--only", "auth").returncode == 0


def test_a_taken_port_names_who_wants_it(cloud: Cloud, tmp_path: Path) -> None:
    other = Cloud(tmp_path)
    other.port = cloud.port
    done = other.run("up", "--detach", "--only", "auth")
    assert done.returncode == 1
    assert f"port {port_of('auth', cloud.port)} for auth" in done.stderr
    assert "--port" in done.stderr
    assert cloud.run("status").returncode == 0


def test_restart_and_kill_give_a_new_process(cloud: Cloud) -> None:
    def pid() -> int | None:
        record = cloud.state.read_record()
        assert record
        return record.processes["auth"].pid

    before = pid()
    assert cloud.run("restart", "auth").returncode == 0
    assert pid() not in (before, None)
    assert cloud.run("restart", "nobody").returncode == 1


def test_logs_and_env(cloud: Cloud) -> None:
    assert "auth emulator on http" in cloud.run("logs", "auth").stdout
    lines = cloud.run("env").stdout.splitlines()
    assert f"export REELGATE_URL=http://127.0.0.1:{cloud.port}" in lines
    assert f"export REELGATE_RESET_DAILY_URL=http://127.0.0.1:{cloud.port + 15}" in lines


def test_it_refuses_to_start_on_google_cloud(tmp_path: Path) -> None:
    for command in (["up"], ["up", "--detach"], ["demo"], ["test"]):
        done = Cloud(tmp_path).run(*command, K_SERVICE="upload")
        assert done.returncode == 1
        assert "K_SERVICE" in done.stderr
