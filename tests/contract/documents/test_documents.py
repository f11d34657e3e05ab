"""One document at a time: what each write does, and what it leaves alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reelgate.adapters.documents.document_store import Address, ConflictError, Document, DocumentStore, Fields, Write
from reelgate.adapters.documents.single_documents import FollowedDocument, create_document, delete_document, replace_document
from tests.fixtures.put_document import put_document

ADA = Address(("notes",), "ada")
AT = datetime(2026, 11, 3, 12, 0, 0, 1, tzinfo=UTC)
EVERY_KIND = {
    "none": None,
    "yes": True,
    "whole": 2**53 + 1,
    "real": 0.25,
    "whole_real": 3.0,
    "text": "Ünï\n💾",
    "at": AT,
    "list": [1, "two", {"three": [4]}],
    "map": {"a": {"b": AT}, "empty": {}, "none": []},
}
ODD_IDS = ["a/b", "a%2Fb", ".", "..", "__id__", "ünï/💾", "a b", "%", "x" * 400]


async def test_what_is_written_is_what_is_read(documents: DocumentStore) -> None:
    await put_document(documents, ADA, EVERY_KIND)
    [(address, stored)] = (await documents.get(ADA)).items()
    assert (address, stored.address, stored.fields) == (ADA, ADA, EVERY_KIND)
    assert type(stored.fields["whole_real"]) is float


async def test_an_instant_is_the_same_in_any_time_zone(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"at": AT.astimezone(timezone(timedelta(hours=5)))})
    assert (await documents.get(ADA))[ADA].fields["at"] == AT


async def test_only_documents_that_exist_are_read(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": 1})
    other, elsewhere = Address(("notes",), "bob"), Address(("users", "ada", "notes"), "ada")
    assert set(await documents.get(other, ADA, elsewhere, ADA)) == {ADA}
    assert await documents.get(other) == {}
    assert await documents.get() == {}


async def test_documents_lead_to_others(documents: DocumentStore) -> None:
    bob, eve = Address(("notes",), "bob"), Address(("notes",), "eve")
    for address in (ADA, bob):
        await put_document(documents, address, {"n": 1})
    seen: list[set[Address]] = []

    def follow(found: Mapping[Address, Document]) -> list[Address]:
        seen.append(set(found))
        return [bob, eve, ADA] if ADA in found else []

    assert set(await documents.get(ADA, eve, follow=follow)) == {ADA, bob}
    assert set(await documents.get(bob, follow=follow)) == {bob}
    assert seen == [{ADA}, {bob}]  # asked once per call


@pytest.mark.parametrize("odd", ODD_IDS)
async def test_any_name_is_an_id(documents: DocumentStore, odd: str) -> None:
    inside, beside = Address(("users", odd, "notes"), odd), Address(("notes",), odd)
    assert await create_document(documents, inside, {"n": 1})
    assert await create_document(documents, beside, {"n": 2})
    assert set(await documents.get(inside, beside)) == {inside, beside}


async def test_creating_writes_once(documents: DocumentStore) -> None:
    assert await create_document(documents, ADA, {"n": 1})
    assert not await create_document(documents, ADA, {"n": 2})
    assert not await create_document(documents, ADA, {"n": 1})  # also with the very same fields
    assert (await documents.get(ADA))[ADA].fields == {"n": 1}


async def test_of_many_that_create_one_does(documents: DocumentStore) -> None:
    won = await asyncio.gather(*(create_document(documents, ADA, {"n": n}) for n in range(8)))
    assert sorted(won) == [False] * 7 + [True]
    assert (await documents.get(ADA))[ADA].fields == {"n": won.index(True)}


async def test_replacing_needs_what_was_read(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": 1, "old": True})
    read = (await documents.get(ADA))[ADA]
    assert await replace_document(documents, read, {"n": 2})
    assert not await replace_document(documents, read, {"n": 3})
    assert (await documents.get(ADA))[ADA].fields == {"n": 2}  # as a whole: `old` is gone


async def test_of_many_that_replace_one_does(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": -1})
    read = (await documents.get(ADA))[ADA]
    won = await asyncio.gather(*(replace_document(documents, read, {"n": n}) for n in range(6)))
    assert won.count(True) == 1
    assert (await documents.get(ADA))[ADA].fields == {"n": won.index(True)}


async def test_what_is_gone_is_not_replaced(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": 1})
    read = (await documents.get(ADA))[ADA]
    await delete_document(documents, ADA)
    assert not await replace_document(documents, read, {"n": 2})
    assert await documents.get(ADA) == {}
    assert await create_document(documents, ADA, {"n": 3})
    assert not await replace_document(documents, read, {"n": 4})  # another one of the same name


async def test_a_commit_returns_the_versions_it_made(documents: DocumentStore) -> None:
    other = Address(("notes",), "bob")
    await put_document(documents, other, {"n": 0})
    version, removed = await documents.commit([Write(ADA, {"n": 1}, absent=True), Write(other, None)])
    assert removed is None
    assert (await documents.get(ADA))[ADA].version == version
    [second] = await documents.commit([Write(ADA, {"n": 2}, version=version)])
    assert second != version
    with pytest.raises(ConflictError):
        await documents.commit([Write(ADA, {"n": 3}, version=version)])
    assert (await documents.get(ADA))[ADA].fields == {"n": 2}


class Reads:
    """A store whose reads are counted."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self.find, self.commit, self.count = documents.find, documents.commit, documents.count
        self.reads = 0

    async def get(self, *addresses: Address) -> Mapping[Address, Document]:
        self.reads += len(addresses)
        return await self._documents.get(*addresses)


def one_more(document: Document | None) -> tuple[Fields, int]:
    number = 1 if document is None else int(document.fields["n"]) + 1
    return {"n": number}, number


async def test_a_followed_document_is_read_only_after_others_have_changed_it(documents: DocumentStore) -> None:
    counted = Reads(documents)
    followed = FollowedDocument(counted, ADA, new=True)
    assert [await followed.change(one_more, contended="no") for _ in range(3)] == [1, 2, 3]
    assert counted.reads == 0
    await put_document(documents, ADA, {"n": 10})
    assert [await followed.change(one_more, contended="no") for _ in range(2)] == [11, 12]
    assert counted.reads == 1
    await delete_document(documents, ADA)
    assert await followed.change(one_more, contended="no") == 1
    assert (await documents.get(ADA))[ADA].fields == {"n": 1}


async def test_a_followed_document_that_was_not_new_is_read(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": 10})
    assert await FollowedDocument(documents, ADA, new=True).change(one_more, contended="no") == 11
    assert await FollowedDocument(documents, ADA).change(one_more, contended="no") == 12


async def test_only_what_was_read_is_a_reason_to_write_nothing(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": 10})
    seen: list[object] = []

    def look(document: Document | None) -> tuple[None, None]:
        seen.append(None if document is None else document.fields)
        return None, None

    await FollowedDocument(documents, ADA, new=True).change(look, contended="no")
    assert seen == [None, {"n": 10}]


async def test_putting_and_deleting_ask_nothing(documents: DocumentStore) -> None:
    await delete_document(documents, ADA)
    await put_document(documents, ADA, {"n": 1})
    await put_document(documents, ADA, {"m": 2})
    assert (await documents.get(ADA))[ADA].fields == {"m": 2}
    await delete_document(documents, ADA)
    await delete_document(documents, ADA)
    assert await documents.get(ADA) == {}


async def test_counting_begins_at_nothing_and_leaves_other_fields_alone(documents: DocumentStore) -> None:
    assert await documents.count(ADA, {"at": AT}) == 1
    assert (await documents.get(ADA))[ADA].fields == {"count": 1, "at": AT}
    assert await documents.count(ADA, {}, by=5) == 6
    assert await documents.count(ADA, {"text": "x"}, by=-2) == 4
    assert (await documents.get(ADA))[ADA].fields == {"count": 4, "at": AT, "text": "x"}
    await delete_document(documents, ADA)
    assert await documents.count(ADA, {}, by=-1) == -1


async def test_counting_goes_on_from_what_was_put(documents: DocumentStore) -> None:
    await put_document(documents, ADA, {"n": 1})
    assert await documents.count(ADA, {"n": 2}) == 1
    read = (await documents.get(ADA))[ADA]
    assert read.fields == {"count": 1, "n": 2}
    await documents.count(ADA, {})
    assert not await replace_document(documents, read, {"n": 3})


async def test_of_many_that_count_each_gets_its_own_number(documents: DocumentStore) -> None:
    numbers = await asyncio.gather(*(documents.count(ADA, {"at": AT}) for _ in range(40)))
    assert sorted(numbers) == list(range(1, 41))


async def test_what_was_read_is_a_copy(documents: DocumentStore) -> None:
    fields = {"list": [1]}
    await put_document(documents, ADA, fields)
    fields["list"].append(2)
    (await documents.get(ADA))[ADA].fields["list"].append(3)
    assert (await documents.get(ADA))[ADA].fields == {"list": [1]}


async def test_a_commit_can_depend_on_a_document_that_does_not_exist(documents: DocumentStore) -> None:
    other = Address(("notes",), "other")
    written, verified = await documents.commit([Write(ADA, {"n": 1}), Write(other, None, absent=True)])
    assert (written is None, verified) == (False, None)
    assert set(await documents.get(ADA, other)) == {ADA}
    await put_document(documents, other, {"n": 2})
    with pytest.raises(ConflictError):
        await documents.commit([Write(ADA, {"n": 3}), Write(other, None, absent=True)])
    found = await documents.get(ADA, other)
    assert (found[ADA].fields, found[other].fields) == ({"n": 1}, {"n": 2})
