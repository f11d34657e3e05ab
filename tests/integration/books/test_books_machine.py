"""The invariants of the books in Firestore: the machine of the unit tests, smaller."""

from __future__ import annotations

import uuid

import pytest
from google.cloud.firestore import AsyncClient
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from reelgate.adapters.books.firestore_rest_books import FirestoreRestBooks, rest_client
from reelgate.adapters.books.optimistic_books import OptimisticBooks
from reelgate.adapters.documents.firestore_books import FirestoreBooks
from reelgate.adapters.documents.firestore_rest_client import FirestoreRestClient
from tests.fixtures.chunked_books_machine import ChunkedBooksMachine
from tests.fixtures.firestore_process import wipe

FEW = settings(max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.emulator
@pytest.mark.parametrize("client", ["grpc", "rest"])
def test_the_books_stay_right(firestore_host: str, monkeypatch: pytest.MonkeyPatch, client: str) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)

    class FirestoreBooksMachine(ChunkedBooksMachine):
        """The machine over a database of its own."""

        async def open_instances(self) -> tuple[OptimisticBooks, OptimisticBooks]:
            self.project = f"demo-{uuid.uuid4().hex[:12]}"
            self.clients: list[AsyncClient] = []
            self.rest_clients: list[FirestoreRestClient] = []
            return self.open_books(), self.open_books()

        def open_books(self) -> OptimisticBooks:
            if client == "rest":
                self.rest_clients.append(rest_client(self.project, emulator=firestore_host))
                return FirestoreRestBooks(self.rest_clients[-1], clock=self.clock)
            self.clients.append(AsyncClient(project=self.project))
            return FirestoreBooks(self.clients[-1], clock=self.clock)

        async def close(self) -> None:
            for rest in self.rest_clients:
                rest.close()
            for sdk in self.clients:
                await sdk._firestore_api.transport.close()
            wipe(firestore_host, self.project)

    run_state_machine_as_test(FirestoreBooksMachine, settings=FEW)
