"""Operations on one document, over any store; each reports correctly what was written, even after a lost answer.

A commit without an answer may have been applied, or may still be. These functions then read the document: they report success
or failure only if it proves one of them, and raise Unavailable otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from reelgate.adapters.documents.document_store import (
    Address,
    ConflictError,
    Document,
    DocumentStore,
    Fields,
    OutcomeUnknown,
    Write,
)
from reelgate.adapters.documents.firestore_values import encode_fields
from reelgate.domain.errors import Unavailable

MAX_TRIES = 8
"""How often a change is decided while other requests keep changing the document, before it fails with Unavailable."""


async def get_document(documents: DocumentStore, address: Address) -> Document | None:
    """Return a document, or None. Raises Unavailable."""
    return (await documents.get(address)).get(address)


async def create_document(documents: DocumentStore, address: Address, fields: Fields) -> bool:
    """Write a new document. Returns False, and writes nothing, if the document exists.

    Without an answer, a document with exactly these fields counts as written by this call. A caller that must know
    whether the document is its own (to claim a piece of work) therefore puts a unique value into it. Raises Unavailable, also
    when it is unknown whether the document was written.
    """
    try:
        await documents.commit([Write(address, fields, absent=True)])
    except OutcomeUnknown as error:
        found = await get_document(documents, address)
        if found is None:
            raise _unknown() from error
        return _same(found.fields, fields)
    except ConflictError:
        return False
    return True


async def replace_document(documents: DocumentStore, read: Document, fields: Fields) -> bool:
    """Replace a document. Returns False, and writes nothing, if it has changed since it was read.

    Without an answer, a new version with exactly these fields counts as written by this call. Raises Unavailable, also when
    it is unknown whether the document was written.
    """
    try:
        await documents.commit([Write(read.address, fields, version=read.version)])
    except OutcomeUnknown as error:
        found = await get_document(documents, read.address)
        if found is None or found.version == read.version or not _same(found.fields, fields):
            raise _unknown() from error  # perhaps it was written, and then changed by another request
        return True
    except ConflictError:
        return False
    return True


async def delete_document(documents: DocumentStore, address: Address) -> None:
    """Remove a document if it exists. Raises Unavailable, also when it is unknown whether it was removed."""
    try:
        await documents.commit([Write(address, None)])
    except ConflictError as error:
        raise _unknown() from error


async def change_document[T](
    documents: DocumentStore,
    address: Address,
    decide: Callable[[Document | None], tuple[Fields | None, T]],
    *,
    contended: str,
) -> T:
    """Read a document, decide, and write the result if the document has not changed; if it has, read and decide again.

    Args:
        decide: returns the fields to write (None: write nothing) and the result to return after that. May run several times.
        contended: the text of Unavailable when the document kept changing.

    Raises Unavailable, also when it is unknown whether the document was written.
    """
    for _ in range(MAX_TRIES):
        document = await get_document(documents, address)
        fields, result = decide(document)
        if fields is None:
            return result
        if await (
            create_document(documents, address, fields) if document is None else replace_document(documents, document, fields)
        ):
            return result
    raise Unavailable(contended)


def _same(some: Fields, others: Fields) -> bool:
    """Return whether Firestore would store both the same way: it does not distinguish lists from tuples, or time zones."""
    return encode_fields(some) == encode_fields(others)


def _unknown() -> Unavailable:
    return Unavailable("The database did not say in time whether it was written.")
