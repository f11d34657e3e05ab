"""The comparison with other projects, as far as it can be checked without fetching them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import bench
from bench.peers import measure
from bench.peers.measurement import Row, Server

PEERS = Path(bench.__file__).parent / "peers"
SCRIPT = (PEERS / "run.sh").read_text(encoding="utf-8")
SETTINGS = dict(
    line.split("=", 1)
    for line in (PEERS / "supabase.env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def test_the_script_exports_what_the_settings_are_filled_in_with() -> None:
    exported = set(re.findall(r"[A-Z_]{4,}", " ".join(re.findall(r"^export (.*)$", SCRIPT, re.MULTILINE))))
    wanted = {name for value in SETTINGS.values() for name in re.findall(r"\$\{(\w+)\}", value)}
    assert len(wanted) >= 6
    assert wanted - exported == set()


def test_no_secret_is_in_the_settings() -> None:
    secrets = {name: value for name, value in SETTINGS.items() if re.search(r"SECRET|KEY|PASSWORD", name)}
    assert len(secrets) >= 2
    assert all(re.fullmatch(r"\$\{\w+\}", value) for value in secrets.values()), secrets
    assert ":${POSTGRES_PASSWORD}@" in SETTINGS["DATABASE_URL"]


def test_the_script_gives_options_that_there_are(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["measure", "--help"])
    with pytest.raises(SystemExit):
        measure.main()
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    given = set(re.findall(r"--[a-z-]+", SCRIPT[SCRIPT.index("bench.peers.measure") :]))
    assert len(given) >= 7
    assert given - known == set()


def test_the_page_names_the_versions_that_are_installed() -> None:
    page = (PEERS / "README.md").read_text(encoding="utf-8")
    package = json.loads((PEERS / "tus" / "package.json").read_text(encoding="utf-8"))
    for name, version in package["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert f"{name} {version}" in page


def test_a_row_is_the_medians_and_leaves_out_what_did_next_to_nothing() -> None:
    row = Row("a URL", Server("Peer", 1, {"database": 2}, {"idle": 3, "busy": 4, "busier": 5}))
    row.rounds = {
        "own": [1.0, 9.0, 2.0],
        "database": [3.0, 3.0, 3.0],
        "idle": [0.1, 0.1, 0.1],
        "busy": [0.4] * 3,
        "busier": [4.0] * 3,
    }
    assert row.cells() == ("a URL", "Peer", "2.00", "database 3.00", "busier 4.00, busy 0.40")


def test_a_row_of_large_numbers_has_no_digits_after_the_point() -> None:
    row = Row("100 MiB", Server("Peer", 1), {"own": [1234.5]})
    assert row.cells() == ("100 MiB", "Peer", "1234", "none", "none")
