"""Firestore writes a document but its answer is lost, or does not answer at all: what is said of it must be true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reelgate.adapters.documents.document_store import Address
from reelgate.adapters.documents.firestore_store import (
    FirestoreClient,
    FirestoreDocumentStore,
    FirestoreError,
    FirestoreUnreachable,
)
from reelgate.adapters.documents.single_documents import create_document, delete_document, replace_document
from reelgate.domain.errors import Unavailable
from tests.fixtures.firestore_faults import fail_calls
from tests.fixtures.put_document import put_document

pytestmark = pytest.mark.emulator
Connect = Callable[[], FirestoreClient]
ADA = Address(("notes",), "ada")
UNCLEAR: list[Exception] = [
    FirestoreUnreachable("ReadTimeoutError"),
    *(FirestoreError(status, "as the test wants it") for status in ("DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "ABORTED")),
]


@pytest.fixture
def documents(firestore_clients: Connect) -> FirestoreDocumentStore:
    return FirestoreDocumentStore(firestore_clients(), timeout_seconds=10.0)


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_its_own_new_document_is_its_own(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    fail_calls(monkeypatch, "commit", problem, applied=True, times=1)
    assert await create_document(documents, ADA, {"by": "me", "list": (1, 2.0)})
    assert (await documents.get(ADA))[ADA].fields == {"by": "me", "list": [1, 2.0]}


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_somebody_else_s_document_is_not(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    await put_document(documents, ADA, {"by": "them"})
    fail_calls(monkeypatch, "commit", problem, applied=False, times=1)
    assert not await create_document(documents, ADA, {"by": "me"})


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_what_was_not_written_is_not_claimed_to_be(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    """The request may still be on its way: neither yes nor no would be true."""
    fail_calls(monkeypatch, "commit", problem, applied=False, times=1)
    with pytest.raises(Unavailable):
        await create_document(documents, ADA, {"by": "me"})
    assert await create_document(documents, ADA, {"by": "me"})


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_a_new_version_that_was_written_unseen_is_written(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    await put_document(documents, ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    fail_calls(monkeypatch, "commit", problem, applied=True, times=1)
    assert await replace_document(documents, read, {"n": 2})


@pytest.mark.parametrize("same", [False, True], ids=["other fields", "the same fields"])
async def test_a_new_version_that_was_not_written_is_unknown(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    await put_document(documents, ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    fail_calls(monkeypatch, "commit", UNCLEAR[0], applied=False, times=1)
    with pytest.raises(Unavailable):
        await replace_document(documents, read, {"n": 1 if same else 2})
    assert (await documents.get(ADA))[ADA].version == read.version


@pytest.mark.parametrize("theirs", [{"n": 3}, None])
async def test_what_others_wrote_since_hides_whether_it_was_written(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, theirs: dict[str, int] | None
) -> None:
    await put_document(documents, ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    await (delete_document(documents, ADA) if theirs is None else put_document(documents, ADA, theirs))
    fail_calls(monkeypatch, "commit", UNCLEAR[0], applied=False, times=1)
    with pytest.raises(Unavailable):
        await replace_document(documents, read, {"n": 2})


async def test_a_removal_without_an_answer_is_unknown(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_document(documents, ADA, {"n": 1})
    fail_calls(monkeypatch, "commit", UNCLEAR[0], applied=True, times=1)
    with pytest.raises(Unavailable):
        await delete_document(documents, ADA)
    assert await documents.get(ADA) == {}


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_a_count_without_an_answer_is_ahead_at_most(
    documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch, problem: Exception, applied: bool
) -> None:
    calls = fail_calls(monkeypatch, "commit", problem, applied=applied, times=1)
    with pytest.raises(Unavailable):
        await documents.count(ADA, {})
    assert calls == [1]
    assert await documents.count(ADA, {}) == (2 if applied else 1)


async def test_what_waiting_cannot_mend_is_raised(documents: FirestoreDocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_calls(monkeypatch, "commit", FirestoreError("PERMISSION_DENIED", "as the test wants it"), applied=False, times=1)
    with pytest.raises(FirestoreError, match="PERMISSION_DENIED"):
        await create_document(documents, ADA, {"n": 1})
