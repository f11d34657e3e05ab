"""One more process of a function, with settings of its own, in the local cloud that the tests use."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from localcloud.supervisor.ports import is_free
from localcloud.supervisor.processes.readiness import answers
from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.state.folder import ROOT, StateFolder

FIRST_PORT = 19000
START_SECONDS = 60


@contextmanager
def own_function(cloud: Mapping[str, str], name: str, home: Path, **settings: str) -> Iterator[str]:
    """Run the function and give its origin; it shares books, bucket and topics with the cloud's own.

    Args:
        home: an empty folder for the process.
        settings: REELGATE_* settings that differ from the cloud's.
    """
    base = int(cloud.get("REELGATE_PORT") or urlsplit(cloud["REELGATE_URL"]).port or 0)
    folder = cloud.get("REELGATE_STATE")
    state = StateFolder(base, Path(folder) if folder else None)
    part = ServiceFactory(state, {**os.environ, **settings}).make((name,))[0]
    port = next(port for port in range(FIRST_PORT, FIRST_PORT + 1000) if is_free(port))
    command = [str(port) if word == str(part.port) else word for word in part.command]
    env = {**part.env, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            until = time.monotonic() + START_SECONDS
            while not answers(replace(part, port=port)):
                said = (home / "log").read_text()
                assert process.poll() is None, f"{name} has ended: {said}"
                assert time.monotonic() < until, f"{name} does not answer: {said}"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)
