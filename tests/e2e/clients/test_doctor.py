"""`reelgate doctor` against the running system: a healthy one, a site that its bucket does not know, and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.people import Person

PROGRAM = Path(sys.executable).with_name("reelgate")
ORIGIN = "https://app.example"


@pytest.fixture
def environment(cloud: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """A machine on which nobody is signed in."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("REELGATE_", "XDG_"))}
    return plain | {"HOME": str(tmp_path), "REELGATE_URL": cloud["REELGATE_URL"]}


def doctor(environment: Mapping[str, str], person: Person, *arguments: str) -> tuple[int, dict[str, list[str]]]:
    """Run it as this person; returns its exit code, and subject and question of its lines by their kind."""
    command = [str(PROGRAM), "doctor", "--json", *arguments]
    token = {"REELGATE_TOKEN": person.token}
    done = subprocess.run(command, env={**environment, **token}, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr
    assert person.token not in done.stdout
    lines: dict[str, list[str]] = {}
    for item in json.loads(done.stdout)["items"]:
        lines.setdefault(item["state"], []).append(f"{item['subject']}: {item['question']}")
    return done.returncode, lines


@contextmanager
def bucket_cors(cloud: Mapping[str, str], entries: list[dict[str, Any]]) -> Iterator[None]:
    """Have the media bucket allow other sites."""
    url = f"{cloud['REELGATE_STORAGE_URL']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}"
    before = httpx.get(url).json()["cors"]
    httpx.patch(url, json={"cors": entries}).raise_for_status()
    try:
        yield
    finally:
        httpx.patch(url, json={"cors": before}).raise_for_status()


def nothing_is_left(person: Person) -> None:
    for path in ("/v1/videos", "/v1/uploads", "/v1/trash"):
        assert person.api.get(path).json()["items"] == []
    person.assert_books_right()


def test_a_healthy_deployment(cloud: Mapping[str, str], admin: Person, environment: dict[str, str]) -> None:
    code, lines = doctor(environment, admin, "--origin", ORIGIN)
    assert (code, lines.get("wrong"), lines.get("warning")) == (0, None, None)
    assert set(lines["not asked"]) == {
        "usage logs: streams are measured",
        "quotas: the project's quotas",
        "buckets: lifecycle, soft delete, CORS",
    }
    assert "messages: the push to `audit` arrives" in lines["ok"]
    nothing_is_left(admin)


def test_a_site_that_the_bucket_does_not_know(cloud: Mapping[str, str], person: Person, environment: dict[str, str]) -> None:
    other = {"origin": ["https://other.example"], "method": ["PUT", "POST"], "responseHeader": ["Location", "Range", "ETag"]}
    with bucket_cors(cloud, [other]):
        code, lines = doctor(environment, person, "--origin", ORIGIN)
    assert code == 1
    assert "CORS: a preflight to the API" in lines["ok"]
    assert {
        "CORS: a preflight to the bucket",
        "CORS: the bucket's answer to opening",
        "CORS: a preflight to the session",
    } < set(lines["wrong"])
    assert all(line.startswith("CORS: ") for line in lines["wrong"])
    nothing_is_left(person)


def test_ctrl_c_in_the_middle_leaves_nothing(person: Person, environment: dict[str, str]) -> None:
    token = {"REELGATE_TOKEN": person.token, "PYTHONUNBUFFERED": "1"}

    def with_ctrl_c() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # programs in the background of a shell ignore it, and so do theirs

    command = {"args": [str(PROGRAM), "doctor"], "env": environment | token, "preexec_fn": with_ctrl_c}
    with subprocess.Popen(**command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "one is granted" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    nothing_is_left(person)
