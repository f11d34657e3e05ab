"""The invariants of the books in memory, under everything that can happen to them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, settings

from reelgate.adapters.books.document_books import CHANGE_RETRIES, DocumentBooks
from tests.doubles.memory_document_store import MemoryDatabase, MemoryDocumentStore
from tests.fixtures.bookkeeping import ENCODE_ACTION
from tests.fixtures.books.captions_machine import CaptionedBooksMachine

QUICK = replace(CHANGE_RETRIES, first_pause_seconds=0.0)


class MemoryBooksMachine(CaptionedBooksMachine):
    """The machine over memory."""

    async def open_instances(self) -> tuple[DocumentBooks, DocumentBooks]:
        database = MemoryDatabase()
        return (
            DocumentBooks(MemoryDocumentStore(database), clock=self.clock, retries=QUICK, encode_action=ENCODE_ACTION),
            DocumentBooks(MemoryDocumentStore(database), clock=self.clock, retries=QUICK, encode_action=ENCODE_ACTION),
        )


TestMemoryBooks = MemoryBooksMachine.TestCase
# A busy machine draws examples slowly; that says nothing of the books.
SLOW = [HealthCheck.too_slow]
TestMemoryBooks.settings = settings(max_examples=250, stateful_step_count=40, deadline=None, suppress_health_check=SLOW)
