"""Lists of documents: which are found, in what order, and page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, DocumentStore, Query
from reelgate.adapters.documents.single_documents import delete_document, replace_document
from tests.fixtures.put_document import put_document

NOTES = ("users", "a/da", "notes")
BEGAN = datetime(2026, 11, 3, tzinfo=UTC)


async def write(documents: DocumentStore, **by_id: dict[str, Any]) -> None:
    for identifier, fields in by_id.items():
        await put_document(documents, Address(NOTES, identifier), fields)


async def ids(documents: DocumentStore, **wanted: Any) -> list[str]:
    found = await documents.find(Query(**{"collection": NOTES, "order_by": "n", "limit": 100, **wanted}))
    assert all(stored.address.collection == NOTES for stored in found)
    return [stored.address.id for stored in found]


async def test_only_this_collection_is_searched(documents: DocumentStore) -> None:
    await write(documents, here={"n": 1})
    for elsewhere in (("notes",), ("users", "a", "notes"), (*NOTES, "here", "notes")):
        await put_document(documents, Address(elsewhere, "there"), {"n": 1})
    assert await ids(documents) == ["here"]
    assert await ids(documents, collection=("nothing",)) == []


async def test_found_documents_can_be_replaced(documents: DocumentStore) -> None:
    await write(documents, a={"n": 1, "text": "x"})
    [found] = await documents.find(Query(collection=NOTES, order_by="n", limit=1))
    assert found.fields == {"n": 1, "text": "x"}
    assert await replace_document(documents, found, {"n": 2})
    assert not await replace_document(documents, found, {"n": 3})


@pytest.mark.parametrize("descending", [False, True])
async def test_equal_values_are_ordered_by_id(documents: DocumentStore, descending: bool) -> None:
    await write(documents, **{"b": {"n": 1}, "a/1": {"n": 1}, "a0": {"n": 1}, "a": {"n": 2}, "c": {"n": 0}, "é": {"n": 1}})
    ascending = ["c", "a/1", "a0", "b", "é", "a"]  # `/` is kept as %2F
    assert await ids(documents, descending=descending) == (ascending[::-1] if descending else ascending)


async def test_a_document_without_the_field_is_not_found(documents: DocumentStore) -> None:
    await write(documents, a={"n": 1}, b={"m": 1})
    assert await ids(documents) == ["a"]


@pytest.mark.parametrize("instants", [False, True])
async def test_bounds_include_the_lower_and_exclude_the_upper(documents: DocumentStore, instants: bool) -> None:
    values = [BEGAN + timedelta(microseconds=n) if instants else n for n in range(5)]
    await write(documents, **{f"d{n}": {"n": value} for n, value in enumerate(values)})
    assert await ids(documents, at_least=values[1], below=values[3]) == ["d1", "d2"]
    assert await ids(documents, at_least=values[3]) == ["d3", "d4"]
    assert await ids(documents, below=values[1], descending=True) == ["d0"]
    assert await ids(documents, at_least=values[3], below=values[1]) == []


async def test_all_equalities_must_hold(documents: DocumentStore) -> None:
    await write(
        documents,
        a={"n": 1, "kind": "x", "ok": True},
        b={"n": 2, "kind": "x", "ok": False},
        c={"n": 3, "kind": "y", "ok": True},
        d={"n": 4, "kind": "x", "ok": True},
    )
    assert await ids(documents, equals={"kind": "x"}) == ["a", "b", "d"]
    assert await ids(documents, equals={"kind": "x", "ok": True}) == ["a", "d"]
    assert await ids(documents, equals={"kind": "x", "ok": True}, at_least=2, descending=True) == ["d"]
    assert await ids(documents, equals={"kind": "z"}) == []


async def test_a_list_must_contain_one_of_the_values(documents: DocumentStore) -> None:
    await write(
        documents,
        a={"n": 1, "part": 0, "about": ["x", "y"]},
        b={"n": 2, "part": 1, "about": ["y"]},
        c={"n": 3, "part": 0, "about": ["z"]},
        d={"n": 4, "part": 2, "about": []},
        e={"n": 5, "part": 0, "about": "x"},
        f={"n": 6, "part": 0},
    )
    assert await ids(documents, contains_any=("about", ("x", "z"))) == ["a", "c"]
    assert await ids(documents, contains_any=("about", ("x", "y"))) == ["a", "b"]  # each once, also one that has both
    parts = ("part", tuple(range(10)))
    three = ("about", ("x", "y", "w"))
    assert await ids(documents, contains_any=three, one_of=parts, descending=True) == ["b", "a"]
    assert await ids(documents, contains_any=three, one_of=parts, equals={"part": 1}) == ["b"]
    assert await ids(documents, contains_any=three, one_of=parts, descending=True, after=(2, "b")) == ["a"]


@pytest.mark.parametrize("descending", [False, True])
async def test_pages_join_into_the_whole_list(documents: DocumentStore, descending: bool) -> None:
    await write(documents, **{f"id/{n}": {"n": n // 3, "kind": "x"} for n in range(10)})
    shape: dict[str, Any] = {"equals": {"kind": "x"}, "descending": descending}
    whole = await ids(documents, **shape)
    paged: list[str] = []
    after = None
    while found := await documents.find(Query(collection=NOTES, order_by="n", limit=3, after=after, **shape)):
        assert len(found) <= 3
        paged += [stored.address.id for stored in found]
        after = (found[-1].fields["n"], found[-1].address.id)
    assert paged == whole
    assert len(whole) == 10


async def test_what_comes_before_a_page_does_not_move_it(documents: DocumentStore) -> None:
    await write(documents, a={"n": 1}, b={"n": 2}, c={"n": 3})
    [last] = await documents.find(Query(collection=NOTES, order_by="n", limit=1, descending=True))
    await write(documents, d={"n": 4})
    await delete_document(documents, last.address)  # the page goes on even where the last seen is gone
    assert await ids(documents, descending=True, after=(3, "c")) == ["b", "a"]
