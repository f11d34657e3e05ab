from pathlib import Path

from localcloud.supervisor import virtual_environment
from localcloud.supervisor.virtual_environment import fingerprint, prepare


def project(folder: Path) -> Path:
    for name in virtual_environment.INPUTS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_it_installs_when_an_input_changed_and_only_then(tmp_path: Path, monkeypatch) -> None:
    root = project(tmp_path)
    ran: list[list[str]] = []
    monkeypatch.setattr(virtual_environment.subprocess, "run", lambda command, **_: ran.append(command))
    monkeypatch.setattr(virtual_environment.venv, "create", lambda *_, **__: None)
    prepare(root)
    requirements, packages = ran
    assert requirements[-2:] == ["-r", str(root / "requirements-dev.txt")]
    assert packages[-6::2] == ["--editable"] * 3
    assert packages[-5::2] == [str(root), str(root / "localcloud"), str(root / "clients" / "python")]
    prepare(root)
    assert len(ran) == 2
    for name in virtual_environment.INPUTS:
        before = fingerprint(root)
        (root / name).write_text("changed")
        assert fingerprint(root) != before
        ran.clear()
        prepare(root)
        assert len(ran) == 2
