"""How emulator.sh finds its Python, on machines made of a few small programs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.supervisor.state.folder import ROOT

BASH = shutil.which("bash") or "/bin/bash"


class Machine:
    """A home, a path, and a copy of the script whose `.venv` only tells what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home with spaces"
        self.programs = folder / "bin"
        self.clone = folder / "clone"
        for made in (self.home, self.programs, self.clone / ".venv" / "bin", self.clone / "emulator" / "supervisor"):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "emulator.sh", self.clone)
        (self.clone / "emulator" / "supervisor" / "virtual_environment.py").touch()
        dirname = shutil.which("dirname")
        assert dirname
        (self.programs / "dirname").symlink_to(dirname)
        self._program(self.clone / ".venv" / "bin" / "python", 'echo "asked: $*"')

    def python(self, path: Path, version: tuple[int, int]) -> Path:
        """Put a Python there that says it has this version, and tells when it prepares the environment."""
        lie = f"import sys; sys.version_info = {version}; "
        return self._program(path, f'[ "$1" != -c ] || exec {sys.executable} -c "{lie}$2"\necho "prepared by $0"')

    def broken(self, path: Path) -> Path:
        """Put a program there that fails at everything: pyenv's shims do for versions that are not chosen."""
        return self._program(path, "echo 'command not found' >&2; exit 127")

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        env = {"HOME": str(self.home), "PATH": str(self.programs), **environment}
        command = [BASH, str(self.clone / "emulator.sh"), *arguments]
        return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=60)

    def chosen(self, **environment: str) -> Path:
        done = self.run("up", "two words", **environment)
        assert done.returncode == 0, done.stderr
        prepared, asked = done.stdout.splitlines()
        assert asked == "asked: -m localcloud up two words"
        return Path(prepared.removeprefix("prepared by "))

    @staticmethod
    def _program(path: Path, script: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{BASH}\n{script}\n")
        path.chmod(0o755)
        return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_functions_own_version_comes_first(machine: Machine) -> None:
    machine.python(machine.programs / "python3", (3, 14))
    ours = machine.python(machine.programs / "python3.13", (3, 13))
    assert machine.chosen() == ours


def test_what_is_too_old_or_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.broken(machine.programs / "python3.13")
    machine.python(machine.programs / "python3", (3, 11))
    other = machine.python(machine.programs / "python3.12", (3, 12))
    assert machine.chosen() == other


@pytest.mark.parametrize("gone", [False, True])
def test_the_one_that_the_environment_was_made_with_is_asked_first(machine: Machine, gone: bool) -> None:
    found = machine.python(machine.programs / "python3.13", (3, 13))
    made_with = machine.home / ".pyenv/versions/3.12.7/bin/python3.12"
    config = f"home = {made_with.parent}\nversion = 3.12.7\nexecutable = {made_with}\ncommand = python -m venv .venv\n"
    (machine.clone / ".venv" / "pyvenv.cfg").write_text(config)
    if not gone:
        found = machine.python(made_with, (3, 12))
    assert machine.chosen() == found


@pytest.mark.parametrize(
    "place",
    [
        ".pyenv/versions/3.13.0/bin/python",
        ".pyenv/versions/3.12.7/bin/python",
        ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3",
        ".local/share/uv/python/cpython-3.12.8-macos-aarch64-none/bin/python3",
    ],
)
def test_what_pyenv_and_uv_have_installed_is_found_without_the_path(machine: Machine, place: str) -> None:
    machine.python(machine.programs / "python3", (3, 9))
    machine.python(machine.home / ".pyenv/versions/3.11.9/bin/python", (3, 11))
    version = (3, int(place.partition("3.1")[2][0]) + 10)
    installed = machine.python(machine.home / place, version)
    assert machine.chosen() == installed


def test_pyenv_and_uv_may_keep_them_elsewhere(machine: Machine, tmp_path: Path) -> None:
    pyenv = machine.python(tmp_path / "p/versions/3.13.2/bin/python", (3, 13))
    assert machine.chosen(PYENV_ROOT=str(tmp_path / "p")) == pyenv
    uv = machine.python(tmp_path / "u/cpython-3.13.2-linux/bin/python3", (3, 13))
    assert machine.chosen(UV_PYTHON_INSTALL_DIR=str(tmp_path / "u")) == uv
    data = machine.python(tmp_path / "d/uv/python/cpython-3.14.2-linux/bin/python3", (3, 14))
    assert machine.chosen(XDG_DATA_HOME=str(tmp_path / "d")) == data


def test_without_any_it_says_how_to_get_one(machine: Machine) -> None:
    machine.python(machine.programs / "python3", (3, 11))
    done = machine.run("up")
    assert done.returncode == 1
    assert done.stdout == ""
    for wanted in ("Python 3.12 or newer", "pyenv install 3.13", "uv python install 3.13", "REELGATE_PYTHON="):
        assert wanted in done.stderr


def test_a_named_one_is_used_before_all_others(machine: Machine, tmp_path: Path) -> None:
    machine.python(machine.programs / "python3.13", (3, 13))
    mine = machine.python(tmp_path / "my own" / "python", (3, 12))
    assert machine.chosen(REELGATE_PYTHON=str(mine)) == mine


@pytest.mark.parametrize("wrong", ["old", "broken", "missing"])
def test_a_wrong_named_one_is_reported_and_not_replaced(machine: Machine, tmp_path: Path, wrong: str) -> None:
    machine.python(machine.programs / "python3.13", (3, 13))
    machine.python(tmp_path / "old", (3, 11))
    machine.broken(tmp_path / "broken")
    named = str(tmp_path / wrong)
    done = machine.run("up", REELGATE_PYTHON=named)
    assert done.returncode == 1
    assert done.stdout == ""
    assert named in done.stderr
    assert "not Python 3.12 or newer" in done.stderr
    assert "Traceback" not in done.stderr
