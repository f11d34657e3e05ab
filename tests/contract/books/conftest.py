"""The books over both document stores, memory and Firestore. Every test of this folder runs on both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reelgate.adapters.books.document_books import CHANGE_RETRIES, GROUP_SIZE, PREPARE_SECONDS, DocumentBooks
from tests.doubles.memory_document_store import MemoryDatabase, MemoryDocumentStore
from tests.fixtures.bookkeeping import ENCODE_ACTION, Bookkeeper, SteppedClock
from tests.fixtures.firestore import OpenFirestoreBooks

OpenBooks = Callable[..., DocumentBooks]


@pytest.fixture
def clock() -> SteppedClock:
    """The clock of all books in a test."""
    return SteppedClock()


@pytest.fixture(params=["memory", pytest.param("firestore", marks=pytest.mark.emulator)])
def open_books(request: pytest.FixtureRequest, clock: SteppedClock) -> OpenBooks:
    """Opens one more instance of a service over the same, at first empty, books."""
    if request.param == "memory":
        database = MemoryDatabase()
        return lambda group_size=GROUP_SIZE, prepare_seconds=PREPARE_SECONDS, **retries: DocumentBooks(
            MemoryDocumentStore(database),
            clock=clock,
            retries=replace(CHANGE_RETRIES, **retries),
            group_size=group_size,
            encode_action=ENCODE_ACTION,
            prepare_seconds=prepare_seconds,
        )
    open_firestore_books: OpenFirestoreBooks = request.getfixturevalue("open_firestore_books")
    return lambda group_size=GROUP_SIZE, prepare_seconds=PREPARE_SECONDS, **retries: open_firestore_books(
        clock=clock,
        retries=replace(CHANGE_RETRIES, **retries),
        group_size=group_size,
        prepare_seconds=prepare_seconds,
    )


@pytest.fixture
def books(open_books: OpenBooks) -> DocumentBooks:
    """One instance."""
    return open_books()


@pytest.fixture
def keeper(books: DocumentBooks, clock: SteppedClock) -> Bookkeeper:
    """Somebody who carries out operations for the user `ada`."""
    return Bookkeeper(books, clock=clock)
