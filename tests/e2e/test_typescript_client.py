"""A client that openapi-typescript and openapi-fetch make of openapi.yaml uploads, lists, plays and reads usage, in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.people import Person
from tests.fixtures.node_packages import node_packages
from tests.fixtures.openapi_document import ROOT

SOURCE = Path(__file__).parent / "typescript_client"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, compiled with all of TypeScript's checks. Its types are generated as docs/api.md says."""
    folder = tmp_path_factory.mktemp("typescript")
    packages = node_packages(SOURCE)
    (folder / "node_modules").symlink_to(packages)
    for name in ("package.json", "tsconfig.json", "watch.ts"):
        shutil.copy(SOURCE / name, folder)
    types = [packages / ".bin" / "openapi-typescript", ROOT / "openapi.yaml", "--default-non-nullable=false"]
    run(folder, *types, "--output", "reelgate.d.ts")
    run(folder, packages / ".bin" / "tsc")
    return folder / "build" / "watch.js"


def run(folder: Path, *command: object, **environment: str) -> str:
    """Run a command that must succeed, and return what it prints."""
    arguments = [str(part) for part in command]
    done = subprocess.run(
        arguments, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_video_from_the_upload_to_the_trash(program: Path, cloud: Mapping[str, str], person: Person, tmp_path: Path) -> None:
    video = tmp_path / "holiday.mp4"
    video.write_bytes(b"not really a video")
    seen = json.loads(run(tmp_path, "node", program, video, REELGATE_URL=cloud["REELGATE_URL"], TOKEN=person.token))
    assert seen == {
        "states": ["ready", "ready"],
        "videos": [
            {"filename": "holiday.mp4", "size": 18, "title": "Our holiday"},
            {"filename": "beach.mp4", "size": 18, "title": "The beach"},
        ],
        "next_cursor": None,
        "played": {"status": 206, "text": "real"},
        "refused": [
            {"code": "name_taken", "status": 409},
            {"code": "invalid_request", "status": 400, "fields": ["limit"]},
            {"code": "video_not_found", "status": 404},
        ],
        "deleted": 204,
        "trash": ["holiday.mp4"],
        "used": 18,
        "bandwidth": {"uploaded": 36, "streamed": 18},
    }
