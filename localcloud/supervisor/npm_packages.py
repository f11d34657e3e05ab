"""Packages of Node, from a lock file and without their install scripts."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.state.locks import held

MANIFEST = ("package.json", "package-lock.json")
MINIMUM_NODE = 20
NPM_CI = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]


def install(source: Path, target: Path, *, purpose: str) -> Path:
    """Make `target/node_modules` hold what the lock file in `source` says, and return it; does nothing when it already does.

    Args:
        purpose: what they are for, as it is said to the user.

    Raises:
        CannotStartError: Node.js is missing or too old, or npm failed.
    """
    check_node(purpose)
    expected = hashlib.sha256(b"".join((source / name).read_bytes() for name in MANIFEST)).hexdigest()
    stamp = target / "installed"
    target.mkdir(parents=True, exist_ok=True)
    with held(target / "lock"):
        if not stamp.exists() or stamp.read_text() != expected:
            print(f"Installing {purpose} (npm, once) ...", flush=True)
            stamp.unlink(missing_ok=True)
            for name in MANIFEST:
                shutil.copy(source / name, target)
            done = subprocess.run(NPM_CI, cwd=target, capture_output=True, text=True, check=False)
            if done.returncode:
                raise CannotStartError(f"npm ci failed for {source / 'package-lock.json'}:\n{done.stderr.strip()}")
            stamp.write_text(expected)
    return target / "node_modules"


def check_node(purpose: str) -> None:
    """Raise CannotStartError, which says for what, unless there is a Node.js that is new enough, with npm."""
    hint = f"Node.js {MINIMUM_NODE} or newer with npm is needed for {purpose}: https://nodejs.org/en/download"
    if not shutil.which("node") or not shutil.which("npm"):
        raise CannotStartError(hint)
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.lstrip("v").partition(".")[0] or 0) < MINIMUM_NODE:
        raise CannotStartError(f"{hint} (found {version or 'one that does not run'})")
