"""The invariants of the books in Firestore: the machine of the unit tests, smaller."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents import firestore_store
from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
from tests.fixtures.bookkeeping import ENCODE_ACTION
from tests.fixtures.books.captions_machine import CaptionedBooksMachine
from tests.fixtures.firestore_process import wipe

FEW = settings(max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.emulator
def test_the_books_stay_right(firestore_host: str) -> None:
    class FirestoreBooksMachine(CaptionedBooksMachine):
        """The machine over a database of its own."""

        async def open_instances(self) -> tuple[DocumentBooks, DocumentBooks]:
            self.project = f"demo-{uuid.uuid4().hex[:12]}"
            self.clients = [firestore_store.connect(self.project, emulator=firestore_host) for _ in range(2)]
            first, second = (
                DocumentBooks(FirestoreDocumentStore(client), clock=self.clock, encode_action=ENCODE_ACTION)
                for client in self.clients
            )
            return first, second

        async def close(self) -> None:
            for client in self.clients:
                client.close()
            wipe(firestore_host, self.project)

    run_state_machine_as_test(FirestoreBooksMachine, settings=FEW)
