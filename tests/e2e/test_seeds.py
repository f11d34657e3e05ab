"""The calls of seeds 000 and 001, with curl, as their documents write them: every field and message."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.demo.video import make_video
from tests.e2e.people import Person

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short real video with sound, named as in the seed."""
    return make_video(tmp_path_factory.mktemp("video") / "video.mp4", seconds=2)


class Curl:
    """curl against the gateway with a user's token."""

    def __init__(self, cloud: Mapping[str, str], token: str | None) -> None:
        self._base = cloud["REELGATE_URL"]
        self._token = token

    def __call__(self, method: str, path: str, *arguments: str) -> tuple[int, Any]:
        """Return status and parsed JSON (or text)."""
        token = ["-H", f"Authorization: Bearer {self._token}"] if self._token else []
        command = ["curl", "-sS", "-X", method, f"{self._base}{path}", *token, *arguments, "-w", "\n%{http_code}"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        body, _, status = printed.rpartition("\n")
        try:
            return int(status), json.loads(body)
        except ValueError:
            return int(status), body


@pytest.fixture
def curl(cloud: Mapping[str, str], person: Person) -> Curl:
    return Curl(cloud, person.token)


def body(**fields: Any) -> list[str]:
    return ["-H", "Content-Type: application/json", "-d", json.dumps(fields)]


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


def test_upload_refusals(cloud: Mapping[str, str], curl: Curl, video: Path) -> None:
    status, answer = Curl(cloud, None)("POST", "/upload", "-F", f"file=@{video}")
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
    fetched = subprocess.run(["curl", "-sS", answer["url"]], capture_output=True, check=True).stdout
    assert fetched == video.read_bytes()
    status, answer = curl("GET", "/stream/direct/nothing.mp4")
    assert (status, answer["error"]) == (404, "File not found in user's storage")


def test_check_upload_bandwidth(curl: Curl) -> None:
    status, answer = curl("POST", "/api/usage/check-upload-bandwidth", *body(file_size=100 * MIB))
    assert (status, answer) == (200, {"allowed": True, "message": "Upload permitted"})
    status, answer = curl("POST", "/api/usage/check-upload-bandwidth", *body(file_size=100 * MIB + 1))
    assert (status, answer["allowed"], answer["message"]) == (400, False, "Daily bandwidth limit exceeded")


def test_log_upload_and_summary(curl: Curl, person: Person) -> None:
    status, answer = curl("POST", "/api/usage/log-upload", *body(file_name="a.mp4", file_size=1000))
    assert status == 200, answer
    assert (answer["email"], answer["total_upload_volume"]) == (person.email, 1000)
    assert [(u["file_name"], u["file_size"]) for u in answer["uploads"]] == [("a.mp4", 1000)]
    status, summary = curl("GET", "/api/usage/daily-summary")
    assert status == 200
    assert (summary["email"], summary["date"]) == (person.email, answer["date"])
    assert summary["total_bandwidth_limit"] == 104857600
    assert summary["total_data_bandwidth_used"] == 1000
    assert summary["remaining_bandwidth"] == 104857600 - 1000
    assert summary["bandwidth_percentage_consumed"] == 0.0
    assert (summary["upload_count"], len(summary["uploads"])) == (1, 1)
    status, answer = curl("POST", "/api/usage/log-upload", *body(file_name="b.mp4", file_size=101 * MIB))
    assert status == 400


def test_reporting_what_the_store_knows_changes_nothing(curl: Curl, video: Path) -> None:
    curl("POST", "/upload", "-F", f"file=@{video}")
    size = video.stat().st_size
    _, answer = curl("POST", "/api/usage/log-upload", *body(file_name="video.mp4", file_size=size))
    assert (answer["total_upload_volume"], len(answer["uploads"])) == (size, 1)
    curl("DELETE", "/delete-file", *body(filename="video.mp4"))
    _, answer = curl("POST", "/api/usage/log-deletion", *body(file_name="video.mp4", file_size=size))
    assert (answer["updated_deletion_volume"], answer["total_deletion_count"]) == (size, 1)


def test_log_deletion(curl: Curl, person: Person) -> None:
    status, answer = curl("POST", "/api/usage/log-deletion", *body(file_name="gone.mp4", file_size=7))
    assert status == 200
    assert answer == {
        "email": person.email,
        "file_deleted": "gone.mp4",
        "file_size": 7,
        "updated_deletion_volume": 7,
        "total_deletion_count": 1,
    }


def test_reset_daily(cloud: Mapping[str, str], curl: Curl, person: Person, admin: Person) -> None:
    curl("POST", "/api/usage/log-upload", *body(file_name="a.mp4", file_size=1000))
    status, answer = curl("POST", "/api/usage/reset-daily")
    assert (status, answer["code"]) == (403, "forbidden")
    as_admin = Curl(cloud, admin.token)
    status, answer = as_admin("POST", "/api/usage/reset-daily", *body(user_id=person.uid))
    assert (status, answer) == (200, {"message": "Daily usage successfully reset."})
    _, summary = curl("GET", "/api/usage/daily-summary")
    assert (summary["total_data_bandwidth_used"], summary["upload_count"]) == (0, 0)
    person.assert_books_right()
