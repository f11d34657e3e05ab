"""Puts firebase-tools under `.local/node`, from the lock file and without its install scripts."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.state.locks import held

SOURCE = Path(__file__).parent
MANIFEST = ("package.json", "package-lock.json")
MINIMUM_NODE = 20
NODE_HINT = f"Node.js {MINIMUM_NODE} or newer with npm is needed for the Firebase Auth emulator: https://nodejs.org/en/download"


def install(target: Path) -> None:
    """Make `target/node_modules` hold what the lock file says; does nothing when it already does.

    Raises:
        CannotStartError: Node.js is missing or too old, or npm failed.
    """
    _check_node()
    expected = _fingerprint()
    stamp = target / "installed"
    target.mkdir(parents=True, exist_ok=True)
    with held(target / "lock"):
        if stamp.exists() and stamp.read_text() == expected:
            return
        print("Installing the Firebase Auth emulator (npm, once) ...", flush=True)
        stamp.unlink(missing_ok=True)
        for name in MANIFEST:
            shutil.copy(SOURCE / name, target)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(npm, cwd=target, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStartError(f"npm ci failed for {SOURCE / 'package-lock.json'}:\n{done.stderr.strip()}")
        stamp.write_text(expected)


def _fingerprint() -> str:
    return hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in MANIFEST)).hexdigest()


def _check_node() -> None:
    if not shutil.which("node") or not shutil.which("npm"):
        raise CannotStartError(NODE_HINT)
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.lstrip("v").partition(".")[0] or 0) < MINIMUM_NODE:
        raise CannotStartError(f"{NODE_HINT} (found {version or 'one that does not run'})")
