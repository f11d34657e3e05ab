import stat
from pathlib import Path

from localcloud.supervisor.state import folder as module
from localcloud.supervisor.state.folder import CloudRecord, ProcessRecord, StateFolder


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = StateFolder(1, tmp_path)
    assert folder.read_record() is None
    record = CloudRecord(pid=5, start="17", state="ready", processes={"upload": ProcessRecord(port=3, pid=6, start="18")})
    folder.write_record(record)
    assert folder.read_record() == record
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.json"]


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = StateFolder(1, tmp_path / "state")
    folder.create()
    secret = folder.hmac_secret()
    assert len(secret) >= 40
    assert StateFolder(1, folder.path).hmac_secret() == secret
    config = folder.write_config("storage", {"secret": secret})
    for path in (folder.path / "hmac-secret", config):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    other = StateFolder(2, tmp_path / "other")
    other.create()
    assert other.hmac_secret() != secret


def test_only_large_logs_are_rotated_and_one_old_one_is_kept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "LOG_LIMIT_BYTES", 10)
    folder = StateFolder(1, tmp_path)
    folder.create()
    folder.log("small").write_text("short")
    folder.log("large").write_text("older and longer")
    folder.rotate_logs()
    folder.log("large").write_text("newer and longer")
    folder.rotate_logs()
    assert {log.name for log in (tmp_path / "logs").iterdir()} == {"small.log", "large.log.1"}
    assert (tmp_path / "logs" / "large.log.1").read_text() == "newer and longer"
