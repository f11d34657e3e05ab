"""What `bench load` reports, and that its load generator is the one that `make bench` installs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bench.load import __main__ as load
from localcloud.supervisor.state.folder import ROOT, CloudRecord, ProcessRecord, StateFolder

ROW = {
    "name": "grant",
    "requests": 1000,
    "errors": 0,
    "refused_by_policy": 2,
    "per_second": 120.4,
    "p50_ms": 30,
    "p95_ms": 80,
    "p99_ms": 95.5,
    "slowest_ms": 101,
}


def figures(**more: Any) -> dict[str, Any]:
    shares = {"gateway": 0.25, "firestore": 1.1, "mail": 0.001}
    found = {"rows": [ROW], "errors": [], "users": 10, "users_finished": 10, "seconds": 8.3, "processors": 2}
    return {**found, "cpu_shares": shares, **more}


def test_the_busiest_process_comes_first() -> None:
    lines = load.report(figures()).splitlines()
    assert lines[2] == "| grant | 1000 | 0 | 2 | 120 | 30 | 80 | 96 | 101 |"
    assert lines[4:] == [
        "10 users in 8 s. Processors used, of 2:",
        "  firestore           1.10",
        "  gateway             0.25",
    ]


def test_only_errors_and_users_that_did_not_finish_count_against_it() -> None:
    assert load.succeeded(figures())
    assert not load.succeeded(figures(users_finished=9))
    failed = figures(errors=[{"name": "list", "error": "503: {}", "times": 3}])
    assert not load.succeeded(failed)
    assert load.report(failed).endswith("error, 3 times: list: 503: {}")


def test_the_cpu_time_of_each_process_of_the_cloud_is_counted(tmp_path: Path) -> None:
    state = StateFolder(8080, tmp_path)
    processes = {"gateway": ProcessRecord(port=8080, pid=os.getpid()), "mail": ProcessRecord(port=8088)}
    state.write_record(CloudRecord(pid=1, start=None, processes=processes))
    counted = load.cpu_seconds(state)
    assert counted.keys() == {"gateway"}
    assert counted["gateway"] > 0


def test_the_makefile_installs_the_version_that_is_run() -> None:
    path = load.LOCUST.relative_to(ROOT)
    version = path.parts[1].removeprefix("locust-")
    assert f"locust=={version}" in (ROOT / "bench" / "load" / "requirements.txt").read_text().splitlines()
    makefile = (ROOT / "Makefile").read_text()
    assert f"LOCUST := {path}" in makefile.splitlines()
    assert "bench: $(LOCUST) ##" in makefile
    assert "bench-smallest: $(LOCUST) ##" in makefile


def test_everything_of_the_load_generator_is_pinned() -> None:
    lines = (ROOT / "bench" / "load" / "requirements.txt").read_text().splitlines()
    assert all(line.startswith("#") or line.count("==") == 1 for line in lines)


def test_without_locust_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load, "ROOT", tmp_path)
    monkeypatch.setattr(load, "LOCUST", tmp_path / "bin" / "locust")
    assert load.main([]) == 2
    assert capsys.readouterr().err == "Locust is not installed; `make bin/locust` does that.\n"
