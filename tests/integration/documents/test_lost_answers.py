"""Firestore writes a document but its answer is lost, or does not answer at all: what is said of it must be true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reelgate.adapters.documents.document_store import Address
from reelgate.adapters.documents.firestore_rest_client import FirestoreError, FirestoreRestClient, FirestoreUnreachable
from reelgate.adapters.documents.firestore_rest_documents import FirestoreRestDocuments
from reelgate.domain.errors import Unavailable
from tests.fixtures.firestore_faults import fail_calls

pytestmark = pytest.mark.emulator
Connect = Callable[[], FirestoreRestClient]
ADA = Address(("notes",), "ada")
UNCLEAR: list[Exception] = [
    FirestoreUnreachable("ReadTimeoutError"),
    *(FirestoreError(status, "as the test wants it") for status in ("DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "ABORTED")),
]


@pytest.fixture
def documents(firestore_rest_clients: Connect) -> FirestoreRestDocuments:
    return FirestoreRestDocuments(firestore_rest_clients(), timeout_seconds=10.0)


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_its_own_new_document_is_its_own(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    fail_calls(monkeypatch, "commit", problem, applied=True, times=1)
    assert await documents.create(ADA, {"by": "me", "list": (1, 2.0)})
    assert (await documents.get(ADA))[ADA].fields == {"by": "me", "list": [1, 2.0]}


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_somebody_else_s_document_is_not(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    await documents.put(ADA, {"by": "them"})
    fail_calls(monkeypatch, "commit", problem, applied=False, times=1)
    assert not await documents.create(ADA, {"by": "me"})


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_what_was_not_written_is_not_claimed_to_be(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    """The request may still be on its way: neither yes nor no would be true."""
    fail_calls(monkeypatch, "commit", problem, applied=False, times=1)
    with pytest.raises(Unavailable):
        await documents.create(ADA, {"by": "me"})
    assert await documents.create(ADA, {"by": "me"})


@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_a_new_version_that_was_written_unseen_is_written(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    await documents.put(ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    fail_calls(monkeypatch, "commit", problem, applied=True, times=1)
    assert await documents.replace(read, {"n": 2})


@pytest.mark.parametrize("same", [False, True], ids=["other fields", "the same fields"])
async def test_a_new_version_that_was_not_written_is_unknown(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    await documents.put(ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    fail_calls(monkeypatch, "commit", UNCLEAR[0], applied=False, times=1)
    with pytest.raises(Unavailable):
        await documents.replace(read, {"n": 1 if same else 2})
    assert (await documents.get(ADA))[ADA].version == read.version


@pytest.mark.parametrize("theirs", [{"n": 3}, None])
async def test_what_others_wrote_since_hides_whether_it_was_written(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, theirs: dict[str, int] | None
) -> None:
    await documents.put(ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    await (documents.delete(ADA) if theirs is None else documents.put(ADA, theirs))
    fail_calls(monkeypatch, "commit", UNCLEAR[0], applied=False, times=1)
    with pytest.raises(Unavailable):
        await documents.replace(read, {"n": 2})


async def test_writes_without_conditions_say_when_nobody_knows(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_calls(monkeypatch, "commit", UNCLEAR[0], applied=True, times=2)
    with pytest.raises(Unavailable):
        await documents.put(ADA, {"n": 1})
    with pytest.raises(Unavailable):
        await documents.delete(ADA)
    assert await documents.get(ADA) == {}


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("problem", UNCLEAR, ids=str)
async def test_a_count_without_an_answer_is_ahead_at_most(
    documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch, problem: Exception, applied: bool
) -> None:
    calls = fail_calls(monkeypatch, "commit", problem, applied=applied, times=1)
    with pytest.raises(Unavailable):
        await documents.count(ADA, {})
    assert calls == [1]
    assert await documents.count(ADA, {}) == (2 if applied else 1)


async def test_what_waiting_cannot_mend_is_raised(documents: FirestoreRestDocuments, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_calls(monkeypatch, "commit", FirestoreError("PERMISSION_DENIED", "as the test wants it"), applied=False, times=1)
    with pytest.raises(FirestoreError, match="PERMISSION_DENIED"):
        await documents.create(ADA, {"n": 1})
