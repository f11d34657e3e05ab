"""The check of a real project runs here, too, where the emulators' assumptions are the answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from localcloud.supervisor.services.environment import SIGNER_ACCOUNT
from ops.live_check.checks import usage_logs
from ops.live_check.questions import QUESTIONS
from tests.e2e.conftest import ROOT
from tests.e2e.people import Person


@pytest.fixture(scope="module")
def probe_url() -> Iterator[str]:
    """The function of question 7, as the functions framework runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = f"{os.path.dirname(sys.executable)}/functions-framework"
    source = ROOT / "ops" / "live_check" / "probe_function" / "main.py"
    command = [program, "--target", "probe", "--source", str(source), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/robots.txt")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=10)


def check(cloud: Mapping[str, str], *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.live_check", "--local", *arguments],
        cwd=ROOT,
        env={**cloud, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def rows(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """Return the cells of the table's rows."""
    return [
        line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ") and "question" not in line
    ]


def left_in_the_bucket(cloud: Mapping[str, str]) -> list[str]:
    """Return the names of what the checks have made and not removed."""
    bucket = f"{cloud['REELGATE_STORAGE_URL']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    items = httpx.get(bucket, params={"prefix": "live-check/"}).json().get("items", [])
    return [item["name"] for item in items]


def no_account_is_left(cloud: Mapping[str, str], admin: Person) -> None:
    """The log knows the user of the run by a pseudonym only, and the directory not at all."""
    [registered] = admin.api.get("/v1/admin/audit?action=user.registered&limit=1").json()["items"]
    [deleted] = admin.api.get("/v1/admin/audit?action=user.deleted&limit=1").json()["items"]
    assert registered["user_id"] == deleted["user_id"]
    assert registered["user_id"].startswith("erased-")
    directory = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1"
    query = f"{directory}/projects/{cloud['GOOGLE_CLOUD_PROJECT']}/accounts:query"
    known = httpx.post(query, json={}, headers={"Authorization": "Bearer owner"}).json()["userInfo"]
    assert known
    assert not [user["email"] for user in known if user.get("email", "").startswith("live-check-")]


def test_every_promise_holds_and_every_assumption_is_this_emulator_s(
    cloud: Mapping[str, str], admin: Person, probe_url: str
) -> None:
    """With all that can be given to it nothing is left unasked, and what the usage logs say is answered by a later run."""
    arguments = ("--register", "--strict", "--origin", "https://app.example", "--probe-url", probe_url)
    done = check(cloud, *arguments, LIVE_CHECK_ADMIN_TOKEN=admin.token)
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = {row[1]: row[-1] for row in rows(done)}
    assert {"held", "agrees", "answer", "not yet"} == set(verdicts.values()), done.stdout
    of_logs = {usage_logs.RANGE, usage_logs.BROKEN_OFF, usage_logs.CAME}
    assert {question for question, verdict in verdicts.items() if verdict == "not yet"} == of_logs
    assert {question for question, _, _ in QUESTIONS} < verdicts.keys()
    assert len(verdicts) > 40
    assert "left behind" not in done.stdout
    assert admin.token not in done.stdout
    assert "X-Goog-Signature=" not in done.stdout.replace("X-Goog-Signature=***", "")
    [note] = left_in_the_bucket(cloud)
    assert note.startswith("live-check/notes/")
    no_account_is_left(cloud, admin)

    until, later = time.monotonic() + 60, dict[str, str]()
    while set(later.values()) <= {"not yet"}:  # the bucket has to notice that the download was broken off
        assert time.monotonic() < until, later
        httpx.post(f"{cloud['STORAGE_EMULATOR_HOST']}/_emulator/usage-logs/flush", json={}, timeout=30).raise_for_status()
        done = check(cloud, "--usage-logs", "--strict")
        assert done.returncode == 0, done.stdout + done.stderr
        later = {row[1]: row[-1] for row in rows(done)}
    assert later == {usage_logs.RANGE: "agrees", usage_logs.BROKEN_OFF: "agrees", usage_logs.CAME: "answer"}
    assert left_in_the_bucket(cloud) == []


def test_nobody_needs_to_be_an_admin_to_see_that_all_works(cloud: Mapping[str, str], admin: Person, tmp_path: Path) -> None:
    """The first run on a new deployment: there is no admin yet. It says what it could not ask, and leaves no user."""
    page = tmp_path / "report.md"
    done = check(cloud, "--register", "--report", str(page))
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = {row[1]: row[-1] for row in rows(done)}
    for function in ("convert", "notify", "audit"):
        assert verdicts[f"Pub/Sub's push reaches {function}, and its token is accepted"] == "held"
    unasked = {question for question, verdict in verdicts.items() if verdict == "not asked"}
    assert unasked == {
        "a browser's preflight",
        "7. is a streamed answer capped at 10 MB",
        "the alert is delivered",
        "the upload is in the log",
    }
    assert "left behind" not in done.stdout
    no_account_is_left(cloud, admin)
    written = page.read_text(encoding="utf-8")
    assert "| deployment | " + cloud["REELGATE_URL"] + ", the local cloud |" in written
    assert "| left behind | nothing |" in written
    assert all(line in written for line in done.stdout.splitlines() if line.startswith("| "))
    assert "X-Goog-Signature=" not in written.replace("X-Goog-Signature=***", "")


def test_a_broken_promise_fails_the_check_and_stops_only_what_depends_on_it(cloud: Mapping[str, str], person: Person) -> None:
    permission = f"{cloud['REELGATE_STORAGE_URL']}/_emulator/accounts/{SIGNER_ACCOUNT}/permission"
    httpx.delete(permission).raise_for_status()
    try:
        done = check(cloud, "--skip-large", LIVE_CHECK_TOKEN=person.token)
    finally:
        httpx.put(permission).raise_for_status()
    assert done.returncode == 1, done.stdout
    broken = [row for row in rows(done) if row[-1] == "BROKEN"]
    assert [(row[1], row[2]) for row in broken] == [("it opens a session", "403 AccessDenied")]
    assert "one byte more than is free" in {row[1] for row in rows(done)}
    assert person.token not in done.stdout
    assert person.storage_status()["reserved_storage"] == 0  # it cleaned up
