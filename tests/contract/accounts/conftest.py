"""The same directory twice: in memory, and over Firebase's Auth emulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from localcloud.supervisor.services.environment import PROJECT
from reelgate.adapters.users.firebase_directory import FirebaseDirectory, connect
from tests.doubles.memory_directory import MemoryDirectory

AnyDirectory = MemoryDirectory | FirebaseDirectory


PEOPLE = ("ada", "eve", "u0", "u1", "u2")
"""The uids of these tests. They are removed one by one: a running emulator may have users of somebody else."""


@pytest.fixture(params=["memory", pytest.param("firebase", marks=pytest.mark.emulator)])
async def directory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AnyDirectory]:
    """A directory without any of PEOPLE."""
    if request.param == "memory":
        yield MemoryDirectory(issue=lambda user: json.dumps({"sub": user.uid, "role": user.role, "name": user.username}))
        return
    host: str = request.getfixturevalue("auth_host")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", host)
    # Sign-ins name no project: they are the emulator's own.
    connected = connect(PROJECT, api_key="any", emulator=host)
    for uid in PEOPLE:
        await connected.remove(uid)
    yield connected
    for uid in PEOPLE:
        await connected.remove(uid)
    connected.close()
