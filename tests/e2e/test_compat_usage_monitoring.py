"""The client of the older usage monitoring service, with curl, as its documentation describes the calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.curl import Curl, body
from tests.e2e.people import MIB, Person


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


def test_alerts(curl: Curl) -> None:
    """Approaching at 80 %, exceeded at 100 %."""
    for reported, percentage, approaching, exceeded in [
        (79, 79.0, False, False),
        (1, 80.0, True, False),
        (20, 100.0, True, True),
    ]:
        status, _ = curl("POST", "/api/usage/log-upload", *body(file_name=f"{reported}.mp4", file_size=reported * MIB))
        assert status == 200
        status, alerts = curl("GET", "/api/usage/check-usage-alerts")
        assert (status, alerts["bandwidth_total_limit"]) == (200, 104857600)
        assert alerts["bandwidth_percentage_used"] == percentage
        checks = {"bandwidth_limit_approaching": approaching, "bandwidth_limit_exceeded": exceeded}
        assert alerts["bandwidth_checks"] == checks
    assert alerts["total_bandwidth_used"] == 100 * MIB


@pytest.mark.parametrize("path", ["/api/usage/log-upload", "/api/usage/log-deletion", "/api/usage/check-upload-bandwidth"])
def test_failures(curl: Curl, path: str) -> None:
    for wrong in (body(), body(file_name="a.mp4", file_size="big"), body(file_name="a.mp4", file_size=-1)):
        status, answer = curl("POST", path, *wrong)
        assert (status, answer["code"]) == (400, "invalid_request")
    _, summary = curl("GET", "/api/usage/daily-summary")
    assert (summary["total_data_bandwidth_used"], summary["upload_count"], summary["uploads"]) == (0, 0, [])


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


def test_reset_daily(curl: Curl, person: Person, admin: Person) -> None:
    curl("POST", "/api/usage/log-upload", *body(file_name="a.mp4", file_size=1000))
    status, answer = curl("POST", "/api/usage/reset-daily")
    assert (status, answer["code"]) == (403, "forbidden")
    as_admin = curl.with_token(admin.token)
    status, answer = as_admin("POST", "/api/usage/reset-daily", *body(user_id=person.uid))
    assert (status, answer) == (200, {"message": "Daily usage successfully reset."})
    _, summary = curl("GET", "/api/usage/daily-summary")
    assert (summary["total_data_bandwidth_used"], summary["upload_count"]) == (0, 0)
    person.assert_books_right()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/usage/check-upload-bandwidth"),
        ("POST", "/api/usage/log-upload"),
        ("GET", "/api/usage/check-usage-alerts"),
        ("GET", "/api/usage/daily-summary"),
        ("POST", "/api/usage/log-deletion"),
        ("POST", "/api/usage/reset-daily"),
    ],
)
def test_nobody_without_a_valid_token(anybody: Curl, method: str, path: str) -> None:
    for caller in (anybody, anybody.with_token("nonsense")):
        status, answer = caller(method, path)
        assert (status, answer["error"]) == (401, "Unauthorized")
