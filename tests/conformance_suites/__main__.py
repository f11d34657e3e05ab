"""`make conformance`: Google's own suites against the emulator, from checkouts that the environment names."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance_suites.suites import Outcome, commit_of, run_nodejs_storage, run_python_storage

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_SECONDS = 30
# The commits that the numbers in docs/storage-emulator.md are of.
SUITES: dict[str, tuple[str, str, Callable[[Path, str, Path], Outcome]]] = {
    "REELGATE_PYTHON_STORAGE": (
        "googleapis/python-storage",
        "ab4997ce0f7b85947e84b226bd0edf6d714a946a",
        run_python_storage,
    ),
    "REELGATE_NODEJS_STORAGE": (
        "googleapis/nodejs-storage",
        "5aa34a447ff6821ec594fef9a7ff361afded669a",
        run_nodejs_storage,
    ),
}


def main() -> int:
    """Run each suite whose checkout is named; 1 if a test failed, 2 if nothing was checked."""
    checked = failed = 0
    for variable, (name, pinned, run) in SUITES.items():
        if not os.environ.get(variable):
            print(f"{name}: NOT CHECKED. Set {variable} to a checkout (commit {pinned}).")
            continue
        checkout = Path(os.environ[variable]).resolve()
        commit = commit_of(checkout)
        print(f"{name} at {commit}{'' if commit == pinned else f' (the documented numbers are of {pinned})'}", flush=True)
        with tempfile.TemporaryDirectory(prefix="reelgate-suites-") as work, emulator(Path(work)) as url:
            try:
                outcome = run(checkout, url, Path(work))
            except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"  {error}")
                failed += 1
                continue
        checked += outcome.total
        failed += len(outcome.failures) or not outcome.total
        print(f"  {outcome.passed} of {outcome.total} passed")
        for test, message in outcome.failures.items():
            print(f"  FAILED {test}: {message.splitlines()[0] if message else ''}")
    if failed:
        return 1
    if not checked:
        print("Nothing was checked: docs/storage-emulator.md says how to get the suites.")
        return 2
    return 0


@contextmanager
def emulator(work: Path) -> Iterator[str]:
    """The emulator with the Retry Test API, in a process of its own for the time of one suite."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.conformance_suites.server", "--port", str(port), "--data", str(work / "data")]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_for(port, process)
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the emulator did not start")


if __name__ == "__main__":
    sys.exit(main())
