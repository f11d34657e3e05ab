"""What scripts may send to the buckets: the same in the local cloud and on Google Cloud, tracing headers included."""

from __future__ import annotations

import json
from pathlib import Path

from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.state.folder import StateFolder
from reelgate.web.http.cors import TRACING_HEADERS
from tests.fixtures.terraform_text import local, text


def test_the_local_media_bucket_allows_what_the_deployed_one_does(tmp_path: Path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    (storage,) = ServiceFactory(state, {}).make(("storage",))
    config = json.loads(Path(storage.command[storage.command.index("--config") + 1]).read_text())
    (rule,) = next(bucket["cors"] for bucket in config["buckets"] if not bucket["name"].endswith("-derived"))
    assert set(rule["responseHeader"]) == {*local("cors")["media"]["headers"], *local("tracing_headers")}
    assert set(rule["method"]) == set(local("cors")["media"]["methods"])


def test_the_buckets_allow_the_tracing_headers_that_the_api_allows() -> None:
    assert set(local("tracing_headers")) == set(TRACING_HEADERS)
    for bucket in ("media", "derived"):
        assert f"concat(local.cors.{bucket}.headers, local.tracing_headers)" in text()
