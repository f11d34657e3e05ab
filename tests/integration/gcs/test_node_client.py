"""Google's Node client against the emulator, found both ways: by STORAGE_EMULATOR_HOST and by apiEndpoint."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from localcloud.supervisor.services.environment import emulator_hosts
from localcloud.supervisor.state.locks import held
from tests.integration.gcs.conftest import ROOT, Bucket

SOURCE = Path(__file__).parent / "node_client"
PARTS = ("package.json", "package-lock.json")


@pytest.fixture(scope="session")
def node_client() -> Path:
    """The folder with the client of the lock file, installed once and without its install scripts."""
    fingerprint = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in PARTS)).hexdigest()
    folder = ROOT / ".local" / f"node-client-{fingerprint[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder / "lock"):
        if not (folder / "installed").exists():
            for name in PARTS:
                shutil.copy(SOURCE / name, folder)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            (folder / "installed").touch()
    return folder


@pytest.mark.parametrize("by_environment", [True, False])
def test_the_node_client(node_client: Path, bucket: Bucket, by_environment: bool) -> None:
    # What `emulator.sh env` prints, but for the port.
    (name,) = (name for name in emulator_hosts(8080) if name.startswith("STORAGE_"))
    environment = {key: value for key, value in os.environ.items() if key != name}
    environment |= {"NODE_PATH": str(node_client / "node_modules")} | ({name: bucket.emulator.url} if by_environment else {})
    arguments = [bucket.name] if by_environment else [bucket.name, bucket.emulator.url]
    command = ["node", "--no-warnings", str(SOURCE / "client.cjs"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen == {
        "created": True,
        **dict.fromkeys(("resumable", "chunked", "multipart", "packed", "part"), True),
        "contentType": "video/mp4",
        "metadata": {"size": "7"},
        "labels": {"b": "2"},
        "files": ["dir/moved", "joined"],
        "precondition": 412,
        "left": 0,
    }
