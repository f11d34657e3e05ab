"""The same ports twice: in memory, and over Firebase's Auth emulator or Firestore. Every test of this folder runs on both."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import pytest

from localcloud.supervisor.services.environment import PROJECT
from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.documents.firestore_rest_client import FirestoreRestClient
from reelgate.adapters.documents.firestore_rest_documents import FirestoreRestDocuments
from reelgate.adapters.users.firebase_directory import FirebaseDirectory, connect
from tests.doubles.memory_directory import MemoryDirectory
from tests.doubles.memory_document_store import MemoryDocumentStore

AnyDirectory = MemoryDirectory | FirebaseDirectory


@pytest.fixture(params=["memory", pytest.param("firestore-rest", marks=pytest.mark.emulator)])
def documents(request: pytest.FixtureRequest) -> DocumentStore:
    """An empty store."""
    if request.param == "memory":
        return MemoryDocumentStore()
    open_client: Callable[[], FirestoreRestClient] = request.getfixturevalue("firestore_rest_clients")
    return FirestoreRestDocuments(open_client())


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
