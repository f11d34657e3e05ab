"""A process that changes the books until it is killed: `python -m tests.integration.books.endless_worker HOST PROJECT NAME`.

It prints a line after each change whose outbox it has not carried out yet, as a function that dies between commit and publish.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents import firestore_store
from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
from tests.fixtures.bookkeeping import ENCODE_ACTION, Bookkeeper, an_upload


async def work(host: str, project: str, name: str) -> None:
    """Grant, settle and delete small uploads, four at a time."""
    documents = FirestoreDocumentStore(firestore_store.connect(project, emulator=host))
    keeper = Bookkeeper(DocumentBooks(documents, encode_action=ENCODE_ACTION))

    async def cycle(lane: int) -> None:
        for n in itertools.count():
            upload = an_upload(f"{name}-{lane}-{n}", size=1)
            await keeper.add_video(upload)
            print(upload.upload_id, flush=True)
            await keeper.delete(upload.filename)

    await asyncio.gather(*(cycle(lane) for lane in range(4)))


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
