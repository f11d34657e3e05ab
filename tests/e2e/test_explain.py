"""A user's upload was refused: whatever the status, the operator finds out why by the request's id, in one command."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.people import MIB, Person
from tests.fixtures.openapi_document import ROOT

UPLOAD = {"filename": "a.mp4", "size": 1000, "content_type": "video/mp4"}
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"size": "large"}, 400, "`size` must be a whole number of bytes"),
    ({"filename": "b.mp4", "size": 51 * MIB}, 403, "were left in the user's storage"),
    ({}, 409, "has this file name"),
    ({"size": 2**52}, 413, "that this deployment takes in one file"),
    ({"filename": "a.png", "content_type": "image/png"}, 415, "does not store the content type"),
]


def explain(cloud: Mapping[str, str], identifier: str) -> tuple[int, str]:
    """Run the operator's command. Returns its exit code and what it said."""
    command = [sys.executable, "-m", "ops", "explain", identifier]
    done = subprocess.run(command, cwd=ROOT, env=dict(cloud), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, done.stdout


def explained(cloud: Mapping[str, str], identifier: str, words: str, seconds: float = 30) -> str:
    """Repeat the command until it says something: denials are recorded a moment later. Returns what it said."""
    until = time.monotonic() + seconds
    while True:
        _, shown = explain(cloud, identifier)
        if words in shown:
            return shown
        assert time.monotonic() < until, f"'{words}' is not in:\n{shown}"
        time.sleep(0.5)


def test_every_refusal_of_an_upload_is_explained(cloud: Mapping[str, str], person: Person) -> None:
    person.ask("a.mp4", 1000)
    answers = [(person.api.post("/upload", json={**UPLOAD, **changes}), status, words) for changes, status, words in REFUSED]
    for answer, status, words in answers:
        assert answer.status_code == status, answer.text
        problem = answer.json()
        code, shown = explain(cloud, problem["request_id"])
        assert code == 0, shown
        assert f"upload: POST /upload by user {person.uid} was refused: {status} {problem['code']}" in shown
        assert words in shown
        assert "1,000 reserved by 1 open uploads" in shown
        assert person.email not in shown


def test_a_denial_is_joined_with_its_audit_event(cloud: Mapping[str, str], person: Person) -> None:
    refused = person.api.post("/upload", json={**UPLOAD, "size": 51 * MIB}, headers={"X-Request-Id": f"denied-{person.uid}"})
    assert refused.status_code == 403
    explained(cloud, f"denied-{person.uid}", "denied upload.granted: Denied:")


def test_an_object_that_was_rejected_is_found_by_its_grant_and_by_its_upload(cloud: Mapping[str, str], person: Person) -> None:
    granted = person.api.post("/upload", json={**UPLOAD, "crc32c": "AAAAAA=="}).raise_for_status()
    assert person.send(granted.json(), b"v" * 1000).status_code in {200, 400}
    assert person.settled(granted.json()["upload_id"])["state"] == "rejected"
    for identifier in (granted.headers["x-request-id"], granted.json()["upload_id"]):
        shown = explained(cloud, identifier, "denied upload.rejected: Upload rejected: a.mp4 (")
        assert "The object that arrived was not what was granted." in shown


def test_nobody_knows_an_id_that_was_never_given(cloud: Mapping[str, str]) -> None:
    code, shown = explain(cloud, "never-given-to-anybody")
    assert code == 1
    assert "Neither the logs nor the audit log know" in shown
    with pytest.raises(AssertionError, match="letters"):
        explain(cloud, "a b")
