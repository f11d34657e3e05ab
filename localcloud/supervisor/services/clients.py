"""What browsers load of the clients: the JavaScript package and the web console, built from clients/ when they have changed."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.npm_packages import MANIFEST, NPM_CI, check_node
from localcloud.supervisor.services.product import CONSOLE_PAGE, WATCH_ASSETS, WATCH_LIBRARY
from localcloud.supervisor.state.folder import ROOT
from localcloud.supervisor.state.locks import held

FOLDER = ROOT / "clients"
BUILDS = ("js", "console")
"""In this order: the console is made of the package."""
RESULTS = (FOLDER / "js" / "dist" / "index.js", CONSOLE_PAGE)
"""The last files that the builds write."""
GENERATED = frozenset({"node_modules", "dist", "schema.d.ts"})
NO_SOURCES = frozenset({"test", "examples", "README.md"})
PURPOSE = "the web console"


def build(folder: Path = FOLDER, *, state: Path = ROOT / ".local" / "clients", results: tuple[Path, ...] = RESULTS) -> bool:
    """Build what is not built yet of these sources, and return whether anything was to be done.

    Raises:
        CannotStartError: Node.js is missing or too old, npm's registry is out of reach, or the sources do not compile.
    """
    state.mkdir(parents=True, exist_ok=True)
    with held(state / "lock"):
        stamp, wanted = state / "built", digest(folder)
        if stamp.is_file() and stamp.read_text() == wanted and all(result.is_file() for result in results):
            return False
        check_node(PURPOSE)
        print(f"Building {PURPOSE} (npm; again when its sources change) ...", flush=True)
        stamp.unlink(missing_ok=True)
        _install(folder)
        for name in BUILDS:
            _run(["node", "build.mjs"], folder / name, f"clients/{name} does not build")
        if missing := [str(result) for result in results if not result.is_file()]:
            raise CannotStartError(f"the builds of clients/ did not write {', '.join(missing)}")
        stamp.write_text(wanted)
        return True


def build_if_possible() -> None:
    """Build, or say in a few lines why not and what to do: everything else works without the console."""
    try:
        build()
    except CannotStartError as error:
        print(
            f"There is no web console of these sources: {error}\nGoing on without. Try again: ./emulator.sh clients", flush=True
        )


def digest(folder: Path) -> str:
    """Return a digest of all that the builds read: the sources, the API's document, and what is shared with the watch page."""
    found = hashlib.sha256()
    modules = sorted(
        set(WATCH_ASSETS.glob("*.js")) - {WATCH_ASSETS / WATCH_LIBRARY}
    )  # no build reads what is fetched for the page
    shared = (ROOT / "openapi.yaml", WATCH_ASSETS.parent / "messages.json", *modules)
    for path in (*_sources(folder), *shared):
        content = path.read_bytes()
        found.update(f"{os.path.relpath(path, folder)}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.glob("*") if path.is_file() and path.name not in NO_SOURCES)
    for name in BUILDS:
        for at, folders, files in (folder / name).walk():
            folders[:] = sorted(set(folders) - GENERATED - NO_SOURCES)
            yield from (at / file for file in sorted(set(files) - GENERATED - NO_SOURCES))


def _install(folder: Path) -> None:
    """Make node_modules hold what the lock file says."""
    wanted = hashlib.sha256(b"".join((folder / name).read_bytes() for name in MANIFEST)).hexdigest()
    stamp = folder / "node_modules" / ".reelgate"  # goes with the folder, whoever removes it
    if not (stamp.is_file() and stamp.read_text() == wanted):
        _run(NPM_CI, folder, "npm could not install the packages of clients/package-lock.json")
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(wanted)


def _run(command: list[str], folder: Path, otherwise: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotStartError(f"{otherwise}: {error}") from error
    if done.returncode:
        said = "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()][-20:])
        raise CannotStartError(f"{otherwise}:\n{said}")
