"""The client of the older video storage service , with curl, as its documentation describes the calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.curl import Curl, body, fetch
from tests.e2e.people import MIB, Person


def test_upload_form(curl: Curl, video: Path) -> None:
    status, answer = curl("POST", "/upload", "-F", f"file=@{video}")
    assert status == 200, answer
    size = video.stat().st_size
    assert answer["message"] == "File uploaded successfully"
    assert answer["storage_80_alert"] is False
    assert answer["bandwidth_80_alert"] is False
    assert answer["storage_percentage_used"] == round(100 * size / (50 * MIB), 1)
    status, again = curl("POST", "/upload", "-F", f"file=@{video}")
    assert (status, again["error"]) == (409, "File with the same name already exists.")


def test_upload_refusals(anybody: Curl, curl: Curl, video: Path) -> None:
    status, answer = anybody("POST", "/upload", "-F", f"file=@{video}")
    assert (status, answer["error"]) == (401, "Unauthorized")
    status, answer = curl("POST", "/upload", "-F", "other=1")
    assert (status, answer["error"]) == (400, "No file part")
    too_much = body(filename="big.mp4", size=50 * MIB + 1, content_type="video/mp4")
    status, answer = curl("POST", "/upload", *too_much)
    assert (status, answer["error"]) == (403, "Exceeds storage limit, cannot upload video..!!")
    assert (answer["limit"], answer["used"], answer["reserved"], answer["requested"]) == (50 * MIB, 0, 0, 50 * MIB + 1)


def test_bandwidth_refusal_and_alerts(curl: Curl) -> None:
    curl("POST", "/api/usage/log-upload", *body(file_name="elsewhere.mp4", file_size=90 * MIB))
    status, answer = curl("POST", "/upload", *body(filename="late.mp4", size=11 * MIB, content_type="video/mp4"))
    assert (status, answer["error"]) == (403, "Bandwidth limit exceeded or some internal upload error")
    assert answer["retry_at"].endswith("T00:00:00.000Z")
    status, alerts = curl("GET", "/api/usage/check-usage-alerts")
    assert status == 200
    assert alerts["total_bandwidth_used"] == 90 * MIB
    assert alerts["bandwidth_total_limit"] == 100 * MIB
    assert alerts["bandwidth_percentage_used"] == 90.0
    assert alerts["bandwidth_checks"] == {"bandwidth_limit_approaching": True, "bandwidth_limit_exceeded": False}


def test_alerts_of_an_upload(curl: Curl, person: Person) -> None:
    """More than 80 % of the storage: the alert is in the answer, as the document's example shows it."""
    person.ask("large.mp4", 45 * MIB)
    status, answer = curl("POST", "/upload", *body(filename="next.mp4", size=1000, content_type="video/mp4"))
    assert status == 201, answer
    assert (answer["storage_80_alert"], answer["bandwidth_80_alert"]) == (True, False)
    assert answer["storage_percentage_used"] == 90.0
    curl("POST", "/api/usage/log-upload", *body(file_name="elsewhere.mp4", file_size=36 * MIB))
    status, answer = curl("POST", "/upload", *body(filename="last.mp4", size=1000, content_type="video/mp4"))
    assert (status, answer["storage_80_alert"], answer["bandwidth_80_alert"]) == (201, True, True)


def test_an_upload_with_a_title(curl: Curl, video: Path) -> None:
    status, answer = curl("POST", "/upload", "-F", f"file=@{video}", "-F", "title=Our holiday")
    assert status == 200, answer
    _, listed = curl("GET", "/storage-status")
    assert [file["title"] for file in listed["files"]] == ["Our holiday"]


def test_delete(curl: Curl, person: Person, video: Path) -> None:
    curl("POST", "/upload", "-F", f"file=@{video}")
    status, answer = curl("DELETE", "/delete-file", *body(filename="video.mp4"))
    assert status == 200, answer
    size = video.stat().st_size
    assert answer["message"] == "File deleted successfully"
    assert (answer["email"], answer["file_deleted"], answer["file_size"]) == (person.email, "video.mp4", size)
    assert answer["timestamp"].startswith(answer["date"])
    assert (answer["updated_deletion_volume"], answer["total_deletion_count"]) == (size, 1)
    status, answer = curl("DELETE", "/delete-file", *body())
    assert (status, answer["error"]) == (400, "No filename provided")
    status, answer = curl("DELETE", "/delete-file", *body(filename="video.mp4"))
    assert (status, answer["error"]) == (404, "File not found in user's storage")


def test_storage_status(curl: Curl, video: Path) -> None:
    curl("POST", "/upload", "-F", f"file=@{video}")
    status, answer = curl("GET", "/storage-status")
    size = video.stat().st_size
    assert status == 200
    assert (answer["total_storage"], answer["used_storage"]) == (52428800, size)
    assert answer["storage_percentage"] == round(100 * size / 52428800, 1)
    assert [(file["filename"], file["size"]) for file in answer["files"]] == [("video.mp4", size)]


def test_download_and_stream(curl: Curl, video: Path, tmp_path: Path) -> None:
    for path in ("/download/disk/video.mp4", "/stream/video/video.mp4", "/stream/direct/video.mp4"):
        status, answer = curl("GET", path)
        assert (status, answer["error"]) == (404, "User storage not found")
    curl("POST", "/upload", "-F", f"file=@{video}")
    for path in ("/download/disk/video.mp4", "/stream/video/video.mp4"):
        saved = tmp_path / "saved.mp4"
        command_status, _ = curl("GET", path, "-L", "-o", str(saved))
        assert (command_status, saved.read_bytes()) == (200, video.read_bytes())
    part = tmp_path / "part"
    status, _ = curl("GET", "/stream/video/video.mp4", "-L", "-r", "100-199", "-o", str(part))
    assert (status, part.read_bytes()) == (206, video.read_bytes()[100:200])
    status, answer = curl("GET", "/stream/direct/video.mp4")
    assert status == 200
    fetched = fetch(answer["url"])
    assert fetched == video.read_bytes()
    status, answer = curl("GET", "/stream/direct/nothing.mp4")
    assert (status, answer["error"]) == (404, "File not found in user's storage")


def test_storage_status_of_a_new_user(curl: Curl) -> None:
    status, answer = curl("GET", "/storage-status")
    assert (status, answer["total_storage"], answer["used_storage"]) == (200, 50 * MIB, 0)
    assert (answer["storage_percentage"], answer["files"]) == (0.0, [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/upload"),
        ("DELETE", "/delete-file"),
        ("GET", "/storage-status"),
        ("GET", "/download/disk/video.mp4"),
        ("GET", "/stream/video/video.mp4"),
        ("GET", "/stream/direct/video.mp4"),
    ],
)
def test_nobody_without_a_valid_token(anybody: Curl, method: str, path: str) -> None:
    for caller in (anybody, anybody.with_token("nonsense")):
        status, answer = caller(method, path)
        assert (status, answer["error"]) == (401, "Unauthorized")


def test_a_download_is_an_attachment(curl: Curl, video: Path, tmp_path: Path) -> None:
    curl("POST", "/upload", "-F", f"file=@{video}")
    headers = tmp_path / "headers"
    curl("GET", "/download/disk/video.mp4", "-L", "-o", str(tmp_path / "saved.mp4"), "-D", str(headers))
    assert 'content-disposition: attachment; filename="video.mp4"' in headers.read_text().lower()
    curl("GET", "/stream/video/video.mp4", "-L", "-o", str(tmp_path / "streamed.mp4"), "-D", str(headers))
    assert "attachment" not in headers.read_text().lower()
