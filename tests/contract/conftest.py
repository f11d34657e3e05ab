"""Documents beside the books, twice: in memory and in Firestore. What is written over them is held to both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.documents.firestore_rest_client import FirestoreRestClient
from reelgate.adapters.documents.firestore_rest_documents import FirestoreRestDocuments
from tests.doubles.memory_document_store import MemoryDocumentStore


@pytest.fixture(params=["memory", pytest.param("firestore-rest", marks=pytest.mark.emulator)])
def documents(request: pytest.FixtureRequest) -> DocumentStore:
    """An empty store."""
    if request.param == "memory":
        return MemoryDocumentStore()
    open_client: Callable[[], FirestoreRestClient] = request.getfixturevalue("firestore_rest_clients")
    return FirestoreRestDocuments(open_client())
