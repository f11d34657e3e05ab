import pytest

from emulator import cli
from emulator.supervisor import errands
from emulator.supervisor.locks import held
from emulator.supervisor.ports import OFFSETS
from emulator.supervisor.state import KEPT_IN_STATE_FOLDER


def test_the_base_port_comes_from_option_environment_or_default(monkeypatch, capsys) -> None:
    def gateway(*arguments: str) -> str:
        assert cli.main([*arguments, "env"]) == 0
        return capsys.readouterr().out.splitlines()[0]

    monkeypatch.delenv("REELGATE_PORT", raising=False)
    assert gateway() == "export REELGATE_URL=http://127.0.0.1:8080"
    monkeypatch.setenv("REELGATE_PORT", "21000")
    assert gateway() == "export REELGATE_URL=http://127.0.0.1:21000"
    assert gateway("--port", "22000") == "export REELGATE_URL=http://127.0.0.1:22000"
    assert cli.main(["env", "--port", "23000"]) == 0
    assert "23000" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["80", "65530", "many", ""])
def test_impossible_base_ports_are_refused(port: str, monkeypatch, capsys) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--port", port, "env"])
    assert "base port must be" in capsys.readouterr().err
    monkeypatch.setenv("REELGATE_PORT", port or "0")
    assert cli.main(["env"]) == 1
    assert "base port must be" in capsys.readouterr().err


def test_only_takes_known_names() -> None:
    assert cli.parser().parse_args(["up"]).only == tuple(OFFSETS)
    assert cli.parser().parse_args(["up", "--only", "auth,storage"]).only == ("auth", "storage")
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["up", "--only", "auth,nobody"])


def test_commands_about_a_running_cloud_say_that_there_is_none(tmp_path, capsys) -> None:
    nowhere = ["--port", "21000", "--state", str(tmp_path)]
    assert cli.main([*nowhere, "status"]) == 3
    assert cli.main([*nowhere, "down"]) == 0
    for command in (["kill", "upload"], ["restart", "upload"], ["logs"], ["token", "ada@example.com"]):
        assert cli.main([*nowhere, *command]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("on port 21000") == 2
    assert shown.err.count("on port 21000") >= 3


def test_everything_after_test_goes_to_pytest() -> None:
    assert cli.parse(["test", "-x", "-k", "quota", "tests/unit"]).pytest == ["-x", "-k", "quota", "tests/unit"]
    with pytest.raises(SystemExit):
        cli.parse(["status", "-x"])


def test_paths_replace_the_rings() -> None:
    assert errands.rings_for(["-x"]) == errands.RINGS
    assert errands.rings_for(["tests/unit/test_x.py::test_y"]) == errands.RINGS  # no such file: pytest shall say so
    assert errands.rings_for(["-x", "tests/unit"]) == ()


def test_without_a_command_it_prints_help_and_starts_nothing(monkeypatch, capsys) -> None:
    monkeypatch.setenv("REELGATE_PORT", "not a port")  # nothing is looked at
    for arguments in ([], ["--port", "21000"]):
        assert cli.main(arguments) == 0
        shown = capsys.readouterr()
        assert shown.out.startswith("usage: emulator.sh")
        assert "start everything, wait until it answers" in shown.out
        assert shown.err == ""


def test_erasing_takes_what_is_kept_and_nothing_else(tmp_path, capsys) -> None:
    nowhere = ["--port", "21000", "--state", str(tmp_path)]
    for name in (*KEPT_IN_STATE_FOLDER, "letter.txt"):
        path = tmp_path / name
        if "-" in name or "." in name:
            path.write_text('{"pid": 1, "start": null, "processes": {}}')
        else:
            path.mkdir()
            (path / "deep").mkdir()
    assert cli.main([*nowhere, "down", "--erase"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"letter.txt", "lock"}
    assert cli.main(["--port", "21000", "--state", str(tmp_path / "none"), "down", "--erase"]) == 0
    assert not (tmp_path / "none").exists()
    with held(tmp_path / "lock"):
        assert cli.main([*nowhere, "down", "--erase"]) == 1
    assert "nothing was erased" in capsys.readouterr().err
