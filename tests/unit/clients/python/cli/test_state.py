"""Small files that are whole or not there, and uploads that belong to the process that sends them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys

import pytest

from reelgate_client.cli.state.folder import StateFile, state_folder
from reelgate_client.cli.state.journal import KEPT_SECONDS, Journal
from tests.fixtures.openapi_document import ROOT


def test_a_file_is_replaced_as_a_whole(tmp_path, monkeypatch) -> None:
    file = StateFile(tmp_path / "state" / "one.json")
    file.write({"a": 1})
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        file.write({"a": 2})
    assert file.read() == {"a": 1}
    assert [path.name for path in file.path.parent.iterdir()] == ["one.json"]


def test_where_it_is() -> None:
    assert str(state_folder({"XDG_STATE_HOME": "/x", "HOME": "/home/ada"})) == "/x/reelgate"
    assert str(state_folder({"XDG_STATE_HOME": "relative", "HOME": "/home/ada"})) == "/home/ada/.local/state/reelgate"


def test_a_full_disk_costs_a_hint_and_no_upload(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(StateFile, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    journal = Journal(tmp_path)
    journal.begin("u1")
    assert not journal.is_ours("u1")
    journal.end("u1")


def test_old_uploads_are_forgotten(tmp_path) -> None:
    StateFile(tmp_path / "uploads.json").write({"uploads": {"old": 1.0, "odd": "x"}})
    journal = Journal(tmp_path)
    journal.begin("new")
    assert list(StateFile(tmp_path / "uploads.json").read()["uploads"]) == ["new"]
    assert KEPT_SECONDS > 7 * 86400


def test_an_upload_is_ours_once_the_process_that_sent_it_was_killed(tmp_path) -> None:
    code = (
        "import sys, pathlib; from reelgate_client.cli.state.journal import Journal\n"
        "journal = Journal(pathlib.Path(sys.argv[1])); journal.begin('u1'); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT / "clients" / "python",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert not Journal(tmp_path).is_ours("u1")
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert Journal(tmp_path).is_ours("u1")
    assert not Journal(tmp_path).is_ours("u2")
