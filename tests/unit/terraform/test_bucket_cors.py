"""What scripts may send to the buckets: the same in the local cloud and on Google Cloud, tracing headers included."""

from __future__ import annotations

import json
from pathlib import Path

from emulator.supervisor.parts import PartFactory
from emulator.supervisor.state import StateFolder
from tests.fixtures.terraform_text import local

TRACING = {"traceparent", "tracestate", "baggage", "sentry-trace"}


def test_the_local_media_bucket_allows_what_the_deployed_one_does(tmp_path: Path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    (storage,) = PartFactory(state, {}).make(("storage",))
    config = json.loads(Path(storage.command[storage.command.index("--config") + 1]).read_text())
    (rule,) = next(bucket["cors"] for bucket in config["buckets"] if not bucket["name"].endswith("-derived"))
    assert set(rule["responseHeader"]) == set(local("cors")["media"]["headers"])
    assert set(rule["method"]) == set(local("cors")["media"]["methods"])


def test_pages_with_tracing_may_use_both_buckets() -> None:
    for bucket in ("media", "derived"):
        assert set(local("cors")[bucket]["headers"]) >= TRACING
