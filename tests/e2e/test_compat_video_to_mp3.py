"""The client of the older video to MP3 service, with curl, as its documentation describes the calls."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from tests.e2e.curl import Curl, body
from tests.e2e.people import Person
from tests.fixtures.eventually import eventually


def mails_to(cloud: Mapping[str, str], address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{cloud['REELGATE_MAIL_URL']}/_emulator/mails", params={"to": address}).json()
    return found


@pytest.fixture
def logged_in(anybody: Curl, admin: Person) -> Curl:
    """curl with the token that the admin's login by HTTP Basic gave."""
    status, answer = anybody("POST", "/login", "-u", f"{admin.email}:{admin.password}")
    assert status == 200, answer
    return anybody.with_token(answer["token"])


def test_from_the_login_to_the_mp3(
    cloud: Mapping[str, str], admins_only: str, anybody: Curl, admin: Person, video: Path, tmp_path: Path
) -> None:
    status, answer = anybody("POST", "/login", "-u", f"{admin.email}:{admin.password}")
    assert (status, answer["email"], answer["role"]) == (200, admin.email, "admin")
    client = anybody.with_token(answer["token"])
    status, valid = client("POST", "/validate")
    assert (status, valid["email"], valid["admin"]) == (200, admin.email, True)

    status, answer = Curl(admins_only, answer["token"])("POST", "/upload", "-F", f"file=@{video}")
    assert (status, answer["message"]) == (200, "File uploaded successfully")

    def the_mail() -> dict[str, Any] | None:
        return next((mail for mail in mails_to(cloud, admin.email) if "MP3" in mail["subject"]), None)

    mail = eventually(the_mail, "the mail about the MP3", 60)
    _, listed = client("GET", "/files")
    (file,) = listed["files"]
    assert file["audio"]["state"] == "ready"
    assert f"/download?fid={file['file_id']}" in mail["text"]
    assert f"/download?fid={file['file_id']}" in mail["html"]

    mp3 = tmp_path / "sound.mp3"
    status, _ = client("GET", f"/download?fid={file['file_id']}", "-L", "-o", str(mp3))
    assert status == 200
    with av.open(str(mp3)) as sound:
        assert [stream.codec_context.name for stream in sound.streams] == ["mp3float"]
        assert sound.duration is not None
        assert abs(sound.duration / 1_000_000 - 2) < 0.2
        assert sum(frame.samples for frame in sound.decode(audio=0)) > 44100
    assert len([mail for mail in mails_to(cloud, admin.email) if "MP3" in mail["subject"]]) == 1


def test_only_admins_upload(admins_only: str, person: Person, video: Path) -> None:
    status, answer = Curl(admins_only, person.token)("POST", "/upload", "-F", f"file=@{video}")
    assert (status, answer["code"]) == (403, "forbidden")
    assert answer["detail"].startswith("Only admins can upload")


def test_logging_in(anybody: Curl, admin: Person) -> None:
    status, token = anybody("POST", "/login", "-u", f"{admin.email}:{admin.password}", "-H", "Accept: text/plain")
    assert (status, token.count(".")) == (200, 2)  # the bare token, as the older service answered
    assert anybody.with_token(token)("POST", "/validate")[0] == 200
    status, answer = anybody("POST", "/login", *body(username=admin.email, password=admin.password))
    assert (status, answer["token_type"]) == (200, "Bearer")


def test_wrong_credentials(anybody: Curl, admin: Person) -> None:
    """Whoever it is: one answer, which does not tell who has an account."""
    nobody = f"{secrets.token_hex(8)}@example.com"
    for user in (f"{admin.email}:wrong", f"{nobody}:wrong", f"{nobody}:"):
        status, answer = anybody("POST", "/login", "-u", user)
        assert (status, answer["code"], answer["error"]) == (401, "invalid_credentials", "Invalid credentials")


def test_validating_what_is_no_token(anybody: Curl) -> None:
    for caller in (anybody, anybody.with_token("nonsense")):
        status, answer = caller("POST", "/validate")
        assert (status, answer["error"]) == (401, "Unauthorized")


def test_downloads_that_are_refused(anybody: Curl, logged_in: Curl, another: Person, video: Path) -> None:
    file_id = another.upload("theirs.mp4", video.read_bytes())["file_id"]
    another.converted("theirs.mp4")
    for fid in (file_id, "0" * 32, "..", "%2F"):
        status, answer = logged_in("GET", f"/download?fid={fid}")
        assert (status, answer["code"]) == (404, "file_not_found")
    status, answer = logged_in("GET", "/download")
    assert (status, answer["field"]) == (400, "fid")
    status, answer = anybody("GET", f"/download?fid={file_id}")
    assert (status, answer["error"]) == (401, "Unauthorized")


def test_a_file_that_cannot_be_converted(logged_in: Curl, admin: Person) -> None:
    """It is recorded as such, and neither tried for ever nor downloadable."""
    admin.upload("broken.mp4", b"this is no video")

    def outcome() -> dict[str, Any] | None:
        _, file = logged_in("GET", "/files/broken.mp4")
        return file if file["audio"]["state"] not in {"none", "queued", "running"} else None

    file = eventually(outcome, "the end of the conversion", 60)
    assert (file["audio"]["state"], file["audio"]["reason"]) == ("failed", "broken_file")
    status, answer = logged_in("GET", f"/download?fid={file['file_id']}")
    assert (status, answer["code"], answer["reason"]) == (409, "audio_not_ready", "broken_file")
    status, answer = logged_in("POST", "/files/broken.mp4/audio")
    assert (status, answer["code"]) == (409, "audio_impossible")
