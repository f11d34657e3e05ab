"""The same books three times: in memory, and in Firestore by either client. Every test of this folder runs on all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.cloud.firestore import AsyncClient

from reelgate.adapters.books.firestore_rest_books import FirestoreRestBooks
from reelgate.adapters.books.optimistic_books import RetryPolicy
from reelgate.adapters.documents.firestore_books import FirestoreBooks
from reelgate.adapters.documents.firestore_rest_client import FirestoreRestClient
from tests.doubles.memory_books import MemoryBooks
from tests.doubles.memory_documents import MemoryDocuments
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock

AnyBooks = MemoryBooks | FirestoreBooks | FirestoreRestBooks
OpenBooks = Callable[..., AnyBooks]


@pytest.fixture
def clock() -> SteppedClock:
    """The clock of all books in a test."""
    return SteppedClock()


@pytest.fixture(
    params=[
        "memory",
        pytest.param("firestore", marks=pytest.mark.emulator),
        pytest.param("firestore-rest", marks=pytest.mark.emulator),
    ]
)
def open_books(request: pytest.FixtureRequest, clock: SteppedClock) -> OpenBooks:
    """Opens one more instance of a service over the same, at first empty, books."""
    if request.param == "memory":
        documents = MemoryDocuments()
        return lambda **patience: MemoryBooks(documents, clock=clock, patience=RetryPolicy(**patience))
    if request.param == "firestore-rest":
        open_client: Callable[[], FirestoreRestClient] = request.getfixturevalue("firestore_rest_clients")
        return lambda **patience: FirestoreRestBooks(open_client(), clock=clock, patience=RetryPolicy(**patience))
    connect: Callable[[], AsyncClient] = request.getfixturevalue("firestore_clients")
    return lambda **patience: FirestoreBooks(connect(), clock=clock, patience=RetryPolicy(**patience))


@pytest.fixture
def books(open_books: OpenBooks) -> AnyBooks:
    """One instance."""
    return open_books()


@pytest.fixture
def keeper(books: AnyBooks, clock: SteppedClock) -> Bookkeeper:
    """Somebody who carries out operations for the user `ada`."""
    return Bookkeeper(books, clock=clock)
