"""The document store twice: in memory and in Firestore. It and all that is written over it are held to the same tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore
from tests.doubles.memory_document_store import MemoryDocumentStore


@pytest.fixture
def media_documents(request: pytest.FixtureRequest, documents: DocumentStore) -> DocumentStore:
    """An empty store of another database than `documents`, of the same kind."""
    if isinstance(documents, MemoryDocumentStore):
        return MemoryDocumentStore()
    open_client: Callable[..., FirestoreClient] = request.getfixturevalue("firestore_clients")
    return FirestoreDocumentStore(open_client(database="reelgate-media"))


@pytest.fixture(params=["memory", pytest.param("firestore", marks=pytest.mark.emulator)])
def documents(request: pytest.FixtureRequest) -> DocumentStore:
    """An empty store."""
    if request.param == "memory":
        return MemoryDocumentStore()
    open_client: Callable[[], FirestoreClient] = request.getfixturevalue("firestore_clients")
    return FirestoreDocumentStore(open_client())
