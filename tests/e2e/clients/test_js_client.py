"""The JavaScript client, in Node, against the running system: sessions, parts, lists, sharing and errors are the real ones."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from localcloud.supervisor.services.clients import FOLDER, build
from tests.e2e.people import Person

PROGRAM = Path(__file__).parent / "js_client.mjs"


def test_a_user_of_the_package(cloud: Mapping[str, str], person: Person, video: Path) -> None:
    build()
    library = (FOLDER / "js" / "dist" / "index.js").as_uri()
    command = ["node", str(PROGRAM), library, str(video), person.email, person.password]
    done = subprocess.run(command, env=os.environ | cloud, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "wrongPassword": "invalid_credentials",
        "restored": True,
        "user": True,
        "states": ["sending", "finishing", "ready"],
        "video": {"filename": "holiday.mp4", "title": "At the sea", "size": True},
        "played": 206,
        "taken": ["name_taken", "You already have a video 'holiday.mp4'. Choose another name, or delete it first."],
        "different": "file_changed",
        "continued": True,
        "joined": True,
        "cancelled": "upload_cancelled",
        "fits": True,
        "queue": ["ready", "unsupported_type", "ready"],
        "listed": ["At the sea", "large.mp4", "middle.mp4", "small.mp4"],
        "captions": "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n",
        "wrongCaptions": ["invalid_captions", 1],
        "shared": 200,
        "revoked": "revoked",
        "usage": True,
        "me": True,
        "reader": [4, "missing_scope"],
        "admin": "forbidden",
        "purged": 1,
        "signedOut": "signed_out",
    }
