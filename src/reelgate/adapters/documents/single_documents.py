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


async def create_document(documents: DocumentStore, address: Address, fields: Fields, *, unless: Address | None = None) -> bool:
    """Write a new document. Returns False, and writes nothing, if the document exists, or the document `unless`.

    Without an answer, a document with exactly these fields counts as written by this call. A caller that must know
    whether the document is its own (to claim a piece of work) therefore puts a unique value into it. Raises Unavailable, also
    when it is unknown whether the document was written.
    """
    return await _create(documents, address, fields, unless) is not None


async def replace_document(documents: DocumentStore, read: Document, fields: Fields) -> bool:
    """Replace a document. Returns False, and writes nothing, if it has changed since it was read.

    Without an answer, a new version with exactly these fields counts as written by this call. Raises Unavailable, also when
    it is unknown whether the document was written.
    """
    return await _replace(documents, read, fields) is not None


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
    unless: Address | None = None,
) -> T:
    """Read a document, decide, and write the result if the document has not changed; if it has, read and decide again.

    Args:
        decide: returns the fields to write (None: write nothing) and the result to return after that. May run several times.
        contended: the text of Unavailable when the document kept changing.
        unless: a document that, if it exists, keeps this one from being created: as if it kept changing.

    Raises Unavailable, also when it is unknown whether the document was written.
    """
    return await FollowedDocument(documents, address, unless=unless).change(decide, contended=contended)


class FollowedDocument:
    """A document that one caller changes several times in a row, without reading it again as long as no other caller does.

    Each change decides on what the one before it wrote, and is written on condition that this is still the document. Only
    if it is not, the document is read.
    """

    def __init__(self, documents: DocumentStore, address: Address, *, new: bool = False, unless: Address | None = None) -> None:
        """`new`: the first change expects that there is no document yet, and reads it only if there is; `unless` as of
        `change_document`.
        """
        self._documents = documents
        self._unless = unless
        self._address = address
        self._last: Document | None = None
        self._known = new

    async def read(self) -> Document | None:
        """Read the document, or None, for the next change to decide on. Raises Unavailable."""
        self._last = await get_document(self._documents, self._address)
        self._known = True
        return self._last

    async def change[T](self, decide: Callable[[Document | None], tuple[Fields | None, T]], *, contended: str) -> T:
        """See `change_document`."""
        for _ in range(MAX_TRIES):
            assumed = self._known
            if not assumed:
                await self.read()
            fields, result = decide(self._last)
            if fields is None:
                if not assumed:
                    return result
                self._known = False  # only what was read can be a reason to write nothing
                continue
            self._known = False  # until it is known what becomes of this write
            written = await self._write(fields)
            if written is not None:
                self._last, self._known = written, True
                return result
        raise Unavailable(contended)

    async def _write(self, fields: Fields) -> Document | None:
        if self._last is None:
            return await _create(self._documents, self._address, fields, self._unless)
        return await _replace(self._documents, self._last, fields)


async def _create(documents: DocumentStore, address: Address, fields: Fields, unless: Address | None = None) -> Document | None:
    """Return the document as it was written; None if there is one already, or the document `unless`."""
    verified = [] if unless is None else [Write(unless, None, absent=True)]
    try:
        [version, *_] = await documents.commit([Write(address, fields, absent=True), *verified])
    except OutcomeUnknown as error:
        found = await get_document(documents, address)
        if found is None:
            raise _unknown() from error
        return found if _same(found.fields, fields) else None
    except ConflictError:
        return None
    return Document(address, fields, version)


async def _replace(documents: DocumentStore, read: Document, fields: Fields) -> Document | None:
    """Return the document as it was written; None if it is not what was read."""
    try:
        [version] = await documents.commit([Write(read.address, fields, version=read.version)])
    except OutcomeUnknown as error:
        found = await get_document(documents, read.address)
        if found is None or found.version == read.version or not _same(found.fields, fields):
            raise _unknown() from error  # perhaps it was written, and then changed by another request
        return found
    except ConflictError:
        return None
    return Document(read.address, fields, version)


def _same(some: Fields, others: Fields) -> bool:
    """Return whether Firestore would store both the same way: it does not distinguish lists from tuples, or time zones."""
    return encode_fields(some) == encode_fields(others)


def _unknown() -> Unavailable:
    return Unavailable("This did not work in time. Try again.", hint="The database did not say whether it was written.")
