"""docs/older-services.md is complete: every endpoint, field, message and setting of the older services, with existing tests."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.fixtures.openapi_document import ROOT, document

PAGE = (ROOT / "docs" / "older-services.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}

# What the services' documents name, in their order.
SERVICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Video storage": (
        (
            "POST /upload",
            "DELETE /delete-file",
            "GET /storage-status",
            "GET /download/disk/{filename}",
            "GET /stream/video/{filename}",
            "GET /stream/direct/{filename}",
        ),
        (
            *("Authorization: Bearer", "file", "storage_80_alert", "bandwidth_80_alert", "storage_percentage_used", "message"),
            *("File uploaded successfully", "Unauthorized", "No file part", "Exceeds storage limit, cannot upload video..!!"),
            "Bandwidth limit exceeded or some internal upload error",
            "File with the same name already exists.",
            "Usage record couldn't be inserted or updated..!!",
            *("filename", "email", "file_deleted", "file_size", "timestamp", "date", "updated_deletion_volume"),
            *("total_deletion_count", "No filename provided", "total_storage", "used_storage", "storage_percentage", "files"),
            *("size", "File not found in user's storage", "User storage not found", "url"),
            *("GOOGLE_APPLICATION_CREDENTIALS", "MONGO_URI", "USER_SERVICE_URL"),
        ),
    ),
    "Usage monitoring": (
        (
            "POST /api/usage/check-upload-bandwidth",
            "POST /api/usage/log-upload",
            "GET /api/usage/check-usage-alerts",
            "GET /api/usage/daily-summary",
            "POST /api/usage/log-deletion",
            "POST /api/usage/reset-daily",
        ),
        (
            *("file_size", "allowed", "message", "Upload permitted", "Daily bandwidth limit exceeded", "file_name", "email"),
            *("date", "total_upload_volume", "uploads", "total_bandwidth_used", "bandwidth_total_limit"),
            *("bandwidth_percentage_used", "bandwidth_checks", "bandwidth_limit_approaching", "bandwidth_limit_exceeded"),
            *("total_bandwidth_limit", "total_data_bandwidth_used", "remaining_bandwidth", "bandwidth_percentage_consumed"),
            *("upload_count", "file_deleted", "updated_deletion_volume", "total_deletion_count"),
            *("Daily usage successfully reset.", "MONGO_URI", "DAILY_BANDWIDTH_LIMIT", "AuthService"),
        ),
    ),
    "Chunked upload": (
        ("POST /upload/init", "POST /upload/chunk", "POST /upload/complete", "DELETE /upload/file", "GET /upload/files"),
        (
            *("main_service_file_id", "original_file_name", "status", "message", "Upload session initialized."),
            *("data.upload_session_id", "upload_session_id", "chunk_index", "chunk", "Chunk uploaded successfully."),
            *("total_chunks", "File upload completed and main service notified.", "data.file_path_on_upload_service", "files"),
            *("{user_id}/{file_id}/{filename}", "MAIN_SERVICE_JWT_PUBLIC_KEY", "JWT_ALGORITHM", "EXPECTED_JWT_ISSUER"),
            *("EXPECTED_JWT_AUDIENCE", "STORAGE_BACKEND", "LOCAL_TEMP_CHUNK_PATH", "S3_ACCESS_KEY", "S3_SECRET_KEY"),
            *("S3_BUCKET_NAME", "S3_ENDPOINT_URL", "S3_REGION_NAME"),
        ),
    ),
    "Video to MP3": (
        ("POST /login", "POST /validate", "POST /upload", "GET /download"),
        (
            *("fid", "MYSQL_HOST", "MYSQL_USER", "MYSQL_PASSWORD", "MYSQL_DB", "MYSQL_PORT", "JWT_SECRET", "VIDEO_QUEUE"),
            *("MP3_QUEUE", "GMAIL_ADDRESS", "GMAIL_PASSWORD"),
        ),
    ),
    "Video streaming": (
        ("POST /register", "GET /me", "PATCH /files/{filename}", "GET /logs", "GET /files", "DELETE /delete-file"),
        (
            *("id", "email", "password", "username", "created_at", "role", "uploading", "user_id", "filename", "filepath"),
            *("title", "uploaded_at", "deleted_at", "size_mb", "action_type", "description", "service_name"),
            *("JWT_SECRET", "SUPABASE_URL", "SUPABASE_KEY", "PORT"),
        ),
    ),
}


def rows(section: str) -> list[list[str]]:
    """Return the cells of a section's rows, without headings between them."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if not row[0].startswith("**")]


@cache
def names_of_tests(path: str) -> frozenset[str]:
    """Return the names of the tests that a file defines."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds) and node.name.startswith("test_"))


@pytest.mark.parametrize("section", SERVICES)
def test_every_endpoint_of_a_service_is_there(section: str) -> None:
    endpoints, _ = SERVICES[section]
    assert [endpoint for endpoint in endpoints if f"`{endpoint}`" not in SECTIONS[section]] == []


@pytest.mark.parametrize("section", SERVICES)
def test_every_field_message_and_setting_of_a_service_is_there(section: str) -> None:
    left_column = [term for row in rows(section) for term in re.findall(r"`([^`]+)`", row[0])]
    headings = re.findall(r"^\| \*\*.*", SECTIONS[section], re.MULTILINE)
    named = {*left_column, *(term for line in headings for term in re.findall(r"`([^`]+)`", line))}
    _, terms = SERVICES[section]
    assert [term for term in terms if term not in named] == []


@pytest.mark.parametrize("section", SERVICES)
def test_every_row_is_proved_by_tests_that_exist(section: str) -> None:
    for what, here, proof in rows(section):
        assert what
        assert here
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", proof)
        assert named, f"nothing proves: {what}"
        assert proof == "<br>".join(f"`{path}::{name}`" for path, name in named)
        missing = [f"{path}::{name}" for path, name in named if name not in names_of_tests(path)]
        assert missing == [], what


def test_every_client_is_played_by_its_own_file() -> None:
    for section in SERVICES:
        file = f"tests/e2e/test_compat_{section.lower().replace(' ', '_')}.py"
        played = [path for row in rows(section) for path, _ in re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[2])]
        assert played.count(file) >= 4, file


def test_every_test_of_the_clients_proves_something() -> None:
    for file in sorted((ROOT / "tests" / "e2e").glob("test_compat_*.py")):
        path = str(file.relative_to(ROOT))
        assert [name for name in sorted(names_of_tests(path)) if f"`{path}::{name}`" not in PAGE] == []


def test_every_route_is_on_the_page() -> None:
    older = [path for path in document()["paths"] if path != "/" and not path.startswith(("/v1/", "/watch/", "/console/"))]
    missing = [path for path in older if not re.search(rf"[` ]{re.escape(path)}`", PAGE)]
    assert missing == []


def test_links_lead_somewhere() -> None:
    targets = {target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", PAGE)}
    assert [target for target in sorted(targets) if not Path(ROOT / "docs" / target).exists()] == []
