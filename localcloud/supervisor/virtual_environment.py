"""Makes `.venv` hold what requirements-dev.txt says, and stops commands that are started with another Python.

emulator.sh runs it with a Python of the system, so it needs the standard library alone, and nothing newer than Python 3.8.
"""

import fcntl
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ("requirements-dev.txt", "pyproject.toml", "localcloud/pyproject.toml", "clients/python/pyproject.toml")
PACKAGES = (".", "localcloud", "clients/python")
OLDEST = (3, 12)
PROOF = ("reelgate", "httpx")  # a package that other environments are unlikely to have


def fingerprint(root: Path = ROOT) -> str:
    """Return a hash of everything that decides what is installed, including the interpreter's version."""
    inputs = [(root / name).read_bytes() for name in INPUTS]
    return hashlib.sha256(b"\0".join([*inputs, sys.version.encode()])).hexdigest()


def prepare(root: Path = ROOT) -> None:
    """Install if something changed since the last time; a second caller waits for the first.

    Raises:
        subprocess.CalledProcessError: pip failed.
    """
    environment = root / ".venv"
    stamp = environment / "reelgate-installed"
    expected = fingerprint(root)
    environment.mkdir(exist_ok=True)
    with (environment / "reelgate-lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == expected:
            return
        print("Installing the Python environment in .venv ...", file=sys.stderr, flush=True)
        stamp.unlink(missing_ok=True)
        if not (environment / "bin" / "python").exists() or _version_of(environment) != sys.version:
            # Recreate it when the interpreter has changed; otherwise packages compiled for the old one would stay.
            for folder in ("bin", "include", "lib", "lib64"):
                _remove(environment / folder)
            venv.create(environment, with_pip=True, symlinks=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # pip's output goes to stderr, because shells read the output of `token` and `env`.
        subprocess.run([*pip, "-r", str(root / "requirements-dev.txt")], check=True, stdout=sys.stderr)
        editable = [word for package in PACKAGES for word in ("--editable", str(root / package))]
        subprocess.run([*pip, "--no-deps", *editable], check=True, stdout=sys.stderr)
        stamp.write_text(expected)


def require_it(command: str) -> None:
    """Exit with a message if this Python is not that of `.venv` and cannot run `command` ("python -m bench")."""
    if sys.version_info >= OLDEST and all(importlib.util.find_spec(name) for name in PROOF):
        return
    here = f"{sys.executable} (Python {sys.version_info[0]}.{sys.version_info[1]})"
    make = "" if (ROOT / ".venv" / "reelgate-installed").exists() else f"make -C {ROOT} setup && "
    print(f"{command} needs the Python environment in {ROOT / '.venv'}; {here} is another one. Run:", file=sys.stderr)
    print(f"  {make}{ROOT / '.venv' / 'bin'}/{command} ...", file=sys.stderr)
    sys.exit(2)


def _version_of(environment: Path) -> str:
    """Return the version of the environment's interpreter, empty if it does not run (any more)."""
    asked = [str(environment / "bin" / "python"), "-c", "import sys; print(sys.version, end='')"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def main() -> int:
    """Prepare the environment; returns the exit code."""
    try:
        prepare()
        # The half of the Python client that is made from the other half, which may have changed since it was installed.
        subprocess.run([sys.executable, str(ROOT / "clients" / "python" / "make_sync.py")], check=True)
    except subprocess.CalledProcessError as error:
        # Without ensurepip, Debian's python3 makes environments that lack pip.
        print(f"The Python environment could not be installed: {error}", file=sys.stderr)
        print("If ensurepip is missing: apt-get install python3-venv", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
