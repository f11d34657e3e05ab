"""What is erased with a user: no collection that the code knows is forgotten, and every page has its index."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from reelgate.adapters.books.book_records import Collection
from reelgate.adapters.documents.document_store import Query
from reelgate.adapters.records.erasures import find_unfinished
from reelgate.adapters.records.user_documents import KEPT, MEDIA_PLACES, PLACES, Ordered, Owned
from tests.unit.adapters.books.test_book_indexes import DECLARED, ROOT, composites, shape_of, single_indexes

ADAPTERS = ROOT / "src/reelgate/adapters"
QUERIES = [place.query("ada") for place in PLACES if isinstance(place, Owned | Ordered)]


def collections_in_code() -> set[str]:
    """Return every collection that adapters name: in `COLLECTION`, in an address, or in a query; and those of the books."""
    of_books = {value for name, value in vars(Collection).items() if name.isupper()}
    return of_books | {name for path in ADAPTERS.rglob("*.py") for name in _named(ast.parse(path.read_text()))}


def _named(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "COLLECTION" for to in node.targets):
            yield from _last_text(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Address" and node.args:
            yield from _last_text(node.args[0])
        if isinstance(node, ast.keyword) and node.arg == "collection":
            yield from _last_text(node.value)


def _last_text(path: ast.expr) -> Iterator[str]:
    """Yield the last part of a path, if it is a text: `("users", uid, "media")`."""
    last = path.elts[-1] if isinstance(path, ast.Tuple) and path.elts else None
    if isinstance(last, ast.Constant) and isinstance(last.value, str):
        yield last.value


def test_every_collection_is_erased_or_kept_for_a_reason() -> None:
    erased = {place.collection for place in (*PLACES, *MEDIA_PLACES)}
    assert erased & set(KEPT) == set()
    assert collections_in_code() == erased | set(KEPT)


def test_every_collection_with_indexes_is_erased_or_kept_for_a_reason() -> None:
    declared = {one["collectionGroup"] for one in (*DECLARED["indexes"], *DECLARED["fieldOverrides"])}
    assert declared == {place.collection for place in (*PLACES, *MEDIA_PLACES)} | set(KEPT)


def test_collections_are_found_where_code_names_them() -> None:
    code = 'COLLECTION = ("notes",)\nAddress(("users", uid, "pets"), key)\nQuery(collection=("tags",), limit=1)\n'
    assert set(_named(ast.parse(code))) == {"notes", "pets", "tags"}


@pytest.mark.parametrize("query", [*QUERIES, find_unfinished(limit=1)], ids=lambda query: f"{query.collection[-1]}")
def test_every_page_has_its_index(query: Query) -> None:
    shape = shape_of(query)
    if shape.equal and shape.order:
        assert ((shape.equal[0], "ASCENDING"), *shape.order) in composites(shape.collection, "COLLECTION")
        return
    [(path, direction)] = shape.order or [(shape.equal[0], "ASCENDING")]
    assert (direction, "COLLECTION") in single_indexes(shape.collection, path)
