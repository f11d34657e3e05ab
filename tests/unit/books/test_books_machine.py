"""The invariants of the books in memory, under everything that can happen to them."""

from __future__ import annotations

from hypothesis import settings

from reelgate.adapters.books.optimistic_books import OptimisticBooks, RetryPolicy
from tests.doubles.memory_books import MemoryBooks
from tests.doubles.memory_documents import MemoryDocuments
from tests.fixtures.chunked_books_machine import ChunkedBooksMachine

QUICK = RetryPolicy(first_wait_seconds=0.0)


class MemoryBooksMachine(ChunkedBooksMachine):
    """The machine over memory."""

    async def open_instances(self) -> tuple[OptimisticBooks, OptimisticBooks]:
        documents = MemoryDocuments()
        return (
            MemoryBooks(documents, clock=self.clock, patience=QUICK),
            MemoryBooks(documents, clock=self.clock, patience=QUICK),
        )


TestMemoryBooks = MemoryBooksMachine.TestCase
TestMemoryBooks.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
