"""One hot user: many requests at once change the same account, from one or two instances.

    python -m bench.functions.hot_user [--json FILE] [--requests 384] [--at-once 32]

Each request is one change of the books against the Firestore emulator (FIRESTORE_EMULATOR_HOST, or one started here): in turn
an upload is granted and its object settled. Instances are processes; they share the requests. Afterwards the ledger is folded
and compared with the account and with what the requests were answered: any difference is a wrong number.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from reelgate.adapters.books.document_books import GROUP_SIZE, DocumentBooks
from reelgate.adapters.documents import firestore_store
from reelgate.adapters.documents.document_store import ConflictError, Write
from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
from reelgate.domain.books.account import Limits
from reelgate.domain.books.entries import Delta, Entry, EntryKind, Totals
from reelgate.domain.errors import ReelgateError
from reelgate.ports.books import CommitResult, Decide, Prepare, ReadSet
from tests.fixtures.bookkeeping import POLICY, Bookkeeper, an_upload
from tests.fixtures.firestore_process import firestore_emulator, wipe

PLENTY = 2**50
HOT_POLICY = replace(
    POLICY, default_limits=Limits(storage_bytes=PLENTY, daily_bytes=PLENTY, alert_percents=(80, 100)), max_open_uploads=1000
)
VARIANTS = {
    "preconditions only": "every request reads and commits on its own",
    "lock": "in an instance, one request after the other",
    "group commit": "in an instance, waiting requests share a commit",
}


class MeasuredStore(FirestoreDocumentStore):
    """Firestore, counting commits and those that lost a race."""

    commits = 0
    lost = 0

    async def commit(self, writes: Sequence[Write]) -> Sequence[Any]:
        self.commits += 1
        try:
            return await super().commit(writes)
        except ConflictError:
            self.lost += 1
            raise


class UngroupedBooks(DocumentBooks):
    """Books that let every operation go at once."""

    async def commit(self, uid: str, decide: Decide, reads: ReadSet, *, prepare: Prepare | None = None) -> CommitResult:
        operation = self._operation(decide, reads, prepare)
        await self._apply(uid, [operation])
        return await operation.result


@dataclass(frozen=True)
class Share:
    """What one instance has to do, and on which books."""

    variant: str
    project: str
    instance: int
    requests: int
    at_once: int


@dataclass(frozen=True)
class Done:
    """What one instance saw: seconds per request, failures by name, and what it was answered as granted and settled."""

    seconds: list[float]
    failures: list[str]
    granted: int
    settled: int
    commits: int
    lost: int
    reads: int
    writes: int


def open_books(share: Share, store: FirestoreDocumentStore) -> DocumentBooks:
    """Return the books of an instance."""
    if share.variant == "preconditions only":
        return UngroupedBooks(store)
    return DocumentBooks(store, group_size=1 if share.variant == "lock" else GROUP_SIZE)


async def run_share(share: Share) -> Done:
    """Carry out an instance's requests, `at_once` at a time."""
    store = MeasuredStore(firestore_store.connect(share.project, emulator=os.environ["FIRESTORE_EMULATOR_HOST"]))
    books = open_books(share, store)
    keeper = Bookkeeper(books, policy=HOT_POLICY)
    # The books alone are measured: nothing is published, and what stays in the outbox is not worth a line in the log.
    logging.getLogger("reelgate.use_cases.books.deliver_outbox").setLevel(logging.ERROR)
    await books.read("ada", ReadSet())  # opens the connection
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    seconds: list[float] = []
    failures: list[str] = []
    answered = {"reserve": 0, "commit": 0}

    async def succeeds(coroutine: Coroutine[Any, Any, CommitResult]) -> bool:
        began = time.perf_counter()
        try:
            outcome = await coroutine
        except ReelgateError as error:
            failures.append(type(error).__name__)
            return False
        finally:
            seconds.append(time.perf_counter() - began)
        entry = outcome.existing_entry or (outcome.change.entry if outcome.change else None)
        if entry is not None:  # `already`: applied by a commit whose answer was lost
            answered[entry.kind] += 1
        return True

    async def client(number: int) -> None:
        for turn in range(share.requests // share.at_once // 2):
            upload = an_upload(f"{share.instance}-{number}-{turn}", size=1000 + number)
            if await succeeds(keeper.reserve(upload)):
                await succeeds(keeper.commit(upload))

    await asyncio.gather(*(client(number) for number in range(share.at_once)))
    count = store.operations
    return Done(
        seconds,
        failures,
        answered["reserve"],
        answered["commit"],
        store.commits,
        store.lost,
        count.reads,
        count.writes + count.deletes,
    )


async def measure(variant: str, instances: int, requests: int, at_once: int) -> dict[str, Any]:
    """Run a variant with that many instances and return a row of the table."""
    project = f"demo-{uuid.uuid4().hex[:12]}"
    shares = [Share(variant, project, n, requests // instances, at_once // instances) for n in range(instances)]
    processes = [await _start(share) for share in shares]
    for process in processes:
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"ready"
    began = time.perf_counter()
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    elapsed = time.perf_counter() - began
    done = [Done(**json.loads(output)) for output, _ in answers]
    row = _row(variant, instances, elapsed, done)
    row["wrong_numbers"] = await _wrong_numbers(project, done)
    wipe(os.environ["FIRESTORE_EMULATOR_HOST"], project)
    return row


async def _start(share: Share) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.functions.hot_user", "--share", json.dumps(asdict(share))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


def _row(variant: str, instances: int, elapsed: float, done: Sequence[Done]) -> dict[str, Any]:
    seconds = sorted(second for part in done for second in part.seconds)
    failures = sum(len(part.failures) for part in done)
    succeeded = len(seconds) - failures
    return {
        "variant": variant,
        "instances": instances,
        "requests": len(seconds),
        "failures": failures,
        "per_second": round(succeeded / elapsed, 1),
        "p50_ms": round(1000 * seconds[len(seconds) // 2]),
        "p99_ms": round(1000 * seconds[int(len(seconds) * 0.99)]),
        "slowest_ms": round(1000 * seconds[-1]),
        "commits": sum(part.commits for part in done),
        "lost_commits": sum(part.lost for part in done),
        "reads_per_request": round(sum(part.reads for part in done) / succeeded, 2),
        "writes_per_request": round(sum(part.writes for part in done) / succeeded, 2),
    }


async def _wrong_numbers(project: str, done: Sequence[Done]) -> int:
    """Count differences between the account, the fold of its ledger, and what the requests were answered."""
    client = firestore_store.connect(project, emulator=os.environ["FIRESTORE_EMULATOR_HOST"])
    books = DocumentBooks(FirestoreDocumentStore(client))
    account = (await books.read("ada", ReadSet())).account
    entries: list[Entry] = []
    cursor = None
    while account is not None:
        page = await books.entries("ada", limit=300, cursor=cursor)
        entries += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    if account is None:
        return 1
    fold = Totals.of(entries)
    kinds = [entry.kind for entry in entries]
    # `stored` is known of a day when it ends.
    day = [f.name for f in fields(Delta) if f.name != "stored" and hasattr(account.today, f.name)]
    pairs = [
        (account.stored, fold.total.stored),
        (account.reserved, fold.total.reserved),
        (account.sequence, len(entries)),
        ((), fold.gaps),
        (sum(part.granted for part in done), kinds.count(EntryKind.RESERVE)),
        (sum(part.settled for part in done), kinds.count(EntryKind.COMMIT)),
        *((getattr(account.today, name), getattr(fold.total, name)) for name in day),
    ]
    return sum(answered != found for answered, found in pairs)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as a Markdown table."""
    names = list(rows[0])
    lines = [" | ".join(name.replace("_", " ") for name in names), "|".join("---" for _ in names)]
    lines += [" | ".join(str(row[name]) for name in names) for row in rows]
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)


@contextlib.contextmanager
def _emulator() -> Iterator[None]:
    if "FIRESTORE_EMULATOR_HOST" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory() as folder, firestore_emulator(Path(folder) / "firestore.log") as host:
        os.environ["FIRESTORE_EMULATOR_HOST"] = host
        yield


async def _measure_all(options: argparse.Namespace) -> list[dict[str, Any]]:
    await measure("lock", 1, options.at_once * 2, options.at_once)  # warms up the emulator's JVM
    return [
        await measure(variant, instances, options.requests, options.at_once)
        for instances in (1, 2)
        for variant in VARIANTS
        if options.variant in {None, variant}
    ]


def main() -> None:
    """Measure and print; exit with 1 when a number was wrong or the adopted variant failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    parser.add_argument("--requests", type=int, default=384)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--share", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.share:
        print(json.dumps(asdict(asyncio.run(run_share(Share(**json.loads(options.share)))))))
        return
    with _emulator():
        rows = asyncio.run(_measure_all(options))
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    adopted_failed = any(row["failures"] for row in rows if row["variant"] == "group commit")
    sys.exit(1 if adopted_failed or any(row["wrong_numbers"] for row in rows) else 0)


if __name__ == "__main__":
    main()
