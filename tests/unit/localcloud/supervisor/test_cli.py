import os

import pytest

from localcloud.supervisor.commands import cli, cli_commands
from localcloud.supervisor.commands.announcement import announce
from localcloud.supervisor.commands.command_line import command_of
from localcloud.supervisor.commands.process_commands import lost_with
from localcloud.supervisor.ports import OFFSETS, find_free_base, port_of
from localcloud.supervisor.processes.process_identity import started_at
from localcloud.supervisor.services.snapshots import Snapshots
from localcloud.supervisor.state.folder import KEPT_IN_STATE_FOLDER, CloudRecord, ProcessRecord, StateFolder
from localcloud.supervisor.state.locks import held


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


def test_a_shell_with_the_export_lines_means_that_cloud_unless_it_names_another_port(tmp_path, monkeypatch, capsys) -> None:
    def place(*arguments: str) -> dict[str, str]:
        assert cli.main([*arguments, "env"]) == 0
        lines = dict(line.removeprefix("export ").split("=", 1) for line in capsys.readouterr().out.splitlines())
        return {name: lines[name] for name in ("REELGATE_URL", "REELGATE_PORT", "REELGATE_STATE")}

    for name in ("REELGATE_PORT", "REELGATE_STATE"):
        monkeypatch.delenv(name, raising=False)
    named = place("--port", "21000", "--state", str(tmp_path))
    assert named == {"REELGATE_URL": "http://127.0.0.1:21000", "REELGATE_PORT": "21000", "REELGATE_STATE": str(tmp_path)}
    for name in ("REELGATE_PORT", "REELGATE_STATE"):
        monkeypatch.setenv(name, named[name])
    assert place() == place("--port", "21000") == named
    assert place("--port", "22000")["REELGATE_STATE"] == str(StateFolder(22000).path)


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
    port = str(find_free_base())
    nowhere = ["--port", port, "--state", str(tmp_path)]
    assert cli.main([*nowhere, "status"]) == 3
    assert cli.main([*nowhere, "down"]) == 0
    for command in (["kill", "upload"], ["restart", "upload"], ["logs"], ["token", "ada@example.com"]):
        assert cli.main([*nowhere, *command]) == 1
    shown = capsys.readouterr()
    assert shown.out.count(f"on port {port}") == 2
    assert shown.err.count(f"on port {port}") >= 3


def test_everything_after_test_goes_to_pytest() -> None:
    assert cli.parse(["test", "-x", "-k", "quota", "tests/unit"]).pytest == ["-x", "-k", "quota", "tests/unit"]
    with pytest.raises(SystemExit):
        cli.parse(["status", "-x"])


def test_paths_replace_the_rings() -> None:
    assert cli_commands.rings_for(["-x"]) == cli_commands.RINGS
    assert cli_commands.rings_for(["tests/unit/test_x.py::test_y"]) == cli_commands.RINGS  # no such file: pytest shall say so
    assert cli_commands.rings_for(["-x", "tests/unit"]) == ()


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


def here(folder, port: int) -> list[str]:
    return ["--port", str(port), "--state", str(folder)]


def recorded(folder, port: int, *names: str) -> StateFolder:
    """A state folder whose supervisor is this very process, with parts that have no process right now."""
    state = StateFolder(port, folder)
    state.create()
    processes = {name: ProcessRecord(port=port_of(name, port)) for name in names}
    state.write_record(CloudRecord(os.getpid(), started_at(os.getpid()), "ready", processes))
    return state


@pytest.mark.parametrize(
    "command", [["books"], ["books", "ada"], ["token", "me@x"], ["logs"], ["restart", "auth"], ["kill", "auth"], ["status"]]
)
def test_where_nothing_runs_the_command_that_starts_it_is_named(command: list[str], tmp_path, capsys) -> None:
    port = find_free_base()
    assert cli.main([*here(tmp_path, port), *command]) != 0
    shown = capsys.readouterr()
    assert f"./emulator.sh --port {port} --state {tmp_path} up" in shown.out + shown.err


@pytest.mark.parametrize(("command", "name"), [(["books"], "firestore"), (["token", "me@x"], "auth")])
def test_a_part_that_does_not_answer_is_not_a_cloud_that_is_down(command: list[str], name: str, tmp_path, capsys) -> None:
    port = find_free_base()
    recorded(tmp_path, port, "firestore", "auth")
    assert cli.main([*here(tmp_path, port), *command]) == 1
    told = capsys.readouterr().err
    assert f"{name} does not answer right now, but the local cloud on port {port} is running" in told
    recorded(tmp_path, port, "storage")
    assert cli.main([*here(tmp_path, port), *command]) == 1
    assert f"was started without {name}" in capsys.readouterr().err


def test_commands_name_the_port_only_where_it_is_not_the_usual_one(monkeypatch) -> None:
    monkeypatch.delenv("REELGATE_PORT", raising=False)
    assert command_of(StateFolder(8080), "up") == "./emulator.sh up"
    assert command_of(StateFolder(21980), "up") == "./emulator.sh --port 21980 up"
    monkeypatch.setenv("REELGATE_PORT", "21980")
    assert command_of(StateFolder(8080), "up") == "./emulator.sh --port 8080 up"


def test_a_log_that_is_not_there_is_named_with_those_that_are(tmp_path, capsys) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    assert cli.main([*here(tmp_path, 21000), "logs"]) == 1
    assert "Nothing has run on port 21000 yet" in capsys.readouterr().err
    state.log("auth").touch()
    assert cli.main([*here(tmp_path, 21000), "logs", "nobody"]) == 1
    assert "There is no log nobody; there are: auth." in capsys.readouterr().err


@pytest.mark.parametrize(("name", "what"), [("firestore", "the books"), ("auth", "users and passwords")])
def test_who_kills_what_holds_something_is_told_what_is_lost(name: str, what: str, tmp_path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    assert lost_with(state, name) == [f"This local cloud saves nothing: {what} are lost."]
    Snapshots(state, print).begin()
    told = "\n".join(lost_with(state, name))
    assert "nothing had been saved" in told
    assert f"({what}) is lost" in told
    assert "ops bucket --grace 0" in told
    assert lost_with(state, "upload") == []
    assert "lost" in "".join(lost_with(state, "pubsub"))


def test_a_newcomer_is_told_first_where_to_look_and_how_to_get_in(tmp_path, capsys) -> None:
    announce(StateFolder(21000, tmp_path), "bucket", tuple(OFFSETS), 1.0, detached=True)
    ready, opened, account, *_ = capsys.readouterr().out.splitlines()
    assert ready.startswith("Ready")
    assert opened.startswith("Open http://127.0.0.1:21000/ in a browser")
    assert f"'./emulator.sh --port 21000 --state {tmp_path} user'" in account
    announce(StateFolder(21000, tmp_path), "bucket", ("gateway", "auth"), 1.0, detached=True)
    assert "browser" not in capsys.readouterr().out


@pytest.mark.parametrize("detached", [False, True])
def test_only_who_can_press_ctrl_c_is_told_to(detached: bool, tmp_path, capsys) -> None:
    announce(StateFolder(21000, tmp_path), "bucket", ("gateway",), 1.0, detached=detached)
    told = capsys.readouterr().out
    assert ("Ctrl-C" in told) is not detached
    assert f"'./emulator.sh --port 21000 --state {tmp_path} down' stops it." in told
