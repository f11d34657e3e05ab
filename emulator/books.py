"""Hold the books of all accounts against their ledgers and videos: `./emulator.sh books`."""

from __future__ import annotations

import asyncio
import os
import sys

from google.cloud.firestore import AsyncClient

from reelgate.adapters.firestore_books import FirestoreBooks
from reelgate.adapters.firestore_documents import name_of
from reelgate.use_cases.check_books import check_books


async def check(uids: list[str]) -> int:
    """Print what is wrong with the accounts, all of them when none is named. Returns how many are wrong."""
    client = AsyncClient(project=os.environ["GOOGLE_CLOUD_PROJECT"])
    books = FirestoreBooks(client)
    chosen = uids or [name_of(user.id) async for user in client.collection("users").list_documents()]
    wrong = 0
    for uid in chosen:
        problems = await check_books(books, uid)
        wrong += bool(problems)
        for problem in problems:
            print(f"{uid}: {problem}")
    print(f"{len(chosen)} accounts, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(check(sys.argv[1:])) else 0)
