"""Documents to which others lead are read as of the instant at which those were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, Document, Write
from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore

pytestmark = pytest.mark.emulator
NAME, OLD, NEW = (Address(("notes",), key) for key in ("name", "old", "new"))


def lead(found: Mapping[Address, Document]) -> list[Address]:
    """The document `name` says which one it leads to."""
    return [Address(("notes",), found[NAME].fields["to"])]


@pytest.mark.parametrize("change", [Write(OLD, {"n": 2}), Write(OLD, None)])
async def test_what_changes_between_the_two_calls_is_not_seen(
    firestore_clients: Callable[[], FirestoreClient], monkeypatch: pytest.MonkeyPatch, change: Write
) -> None:
    reader, others = FirestoreDocumentStore(client := firestore_clients()), FirestoreDocumentStore(firestore_clients())
    await others.commit([Write(NAME, {"to": "old"}), Write(OLD, {"n": 1})])
    call, calls = client.call, list[str]()

    async def interrupted(method: str, body: dict[str, Any], **options: Any) -> Any:
        calls.append(method)
        if len(calls) == 2:
            await others.commit([Write(NAME, {"to": "new"}), Write(NEW, {"n": 3}), change])
        return await call(method, body, **options)

    monkeypatch.setattr(client, "call", interrupted)
    found = await reader.get(NAME, follow=lead)
    assert {address.id: document.fields for address, document in found.items()} == {"name": {"to": "old"}, "old": {"n": 1}}
    assert calls == ["batchGet", "batchGet"]
    assert reader.operations.reads == 2
    now = await reader.get(NAME, follow=lead)
    assert set(now) == {NAME, NEW}
