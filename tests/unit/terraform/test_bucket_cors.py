"""What scripts may send to the buckets: the same in the local cloud and on Google Cloud, tracing headers included."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.state.folder import StateFolder
from reelgate.web.http.answers.cors import TRACING_HEADERS
from tests.fixtures.terraform.text import local, text


@pytest.mark.parametrize("kind", ["media", "derived"])
def test_the_local_buckets_allow_what_the_deployed_ones_do(kind: str, tmp_path: Path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    (storage,) = ServiceFactory(state, {}).make(("storage",))
    config = json.loads(Path(storage.command[storage.command.index("--config") + 1]).read_text())
    rules = {bucket["name"].endswith("-derived"): bucket["cors"] for bucket in config["buckets"] if "cors" in bucket}
    (rule,) = rules[kind == "derived"]
    assert set(rule["responseHeader"]) == {*local("cors")[kind]["headers"], *local("tracing_headers")}
    assert set(rule["method"]) == set(local("cors")[kind]["methods"])


def test_the_console_can_always_upload(tmp_path: Path) -> None:
    """It is a page of the API's origin, which is another one than the bucket's."""
    state = StateFolder(21000, tmp_path)
    state.create()
    (storage,) = ServiceFactory(state, {"REELGATE_CORS_ORIGINS": "https://videos.example"}).make(("storage",))
    config = json.loads(Path(storage.command[storage.command.index("--config") + 1]).read_text())
    [origins] = [bucket["cors"][0]["origin"] for bucket in config["buckets"] if bucket["name"].endswith("-media")]
    assert origins == ["https://videos.example", "http://127.0.0.1:21000"]
    assert "concat(var.cors_origins, local.console_origins)" in text()


def test_any_site_may_read_what_a_signed_url_opens_although_none_may_call_the_api() -> None:
    """Segments are read by scripts: of the watch page, and of the sites that a grant names."""
    derived = text().partition('resource "google_storage_bucket" "derived"')[2].partition("\nresource ")[0]
    assert re.search(r'\n  cors \{\n    origin +=\s*\["\*"\]', derived)


def test_the_buckets_allow_the_tracing_headers_that_the_api_allows() -> None:
    assert set(local("tracing_headers")) == set(TRACING_HEADERS)
    for bucket in ("media", "derived"):
        assert f"concat(local.cors.{bucket}.headers, local.tracing_headers)" in text()
