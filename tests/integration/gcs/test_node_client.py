"""Google's Node client against the emulator, found both ways: by STORAGE_EMULATOR_HOST and by apiEndpoint."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from localcloud.supervisor.services.environment import emulator_hosts
from tests.fixtures.node_packages import node_packages
from tests.integration.gcs.conftest import Bucket

SOURCE = Path(__file__).parent / "node_client"


@pytest.fixture(scope="session")
def packages() -> Path:
    return node_packages(SOURCE)


@pytest.mark.parametrize("by_environment", [True, False])
def test_the_node_client(packages: Path, bucket: Bucket, by_environment: bool) -> None:
    # What `emulator.sh env` prints, but for the port.
    (name,) = (name for name in emulator_hosts(8080) if name.startswith("STORAGE_"))
    environment = {key: value for key, value in os.environ.items() if key != name}
    environment |= {"NODE_PATH": str(packages)} | ({name: bucket.emulator.url} if by_environment else {})
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
