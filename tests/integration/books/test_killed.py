"""Processes killed while they write: what they leave is whole."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from reelgate.domain.books.entries import Totals
from tests.fixtures.bookkeeping import Bookkeeper, SteppedClock
from tests.fixtures.books.invariants import all_entries
from tests.fixtures.firestore import OpenFirestoreBooks

ROOT = Path(__file__).parents[3]


@pytest.mark.emulator
async def test_books_fold_after_their_writers_were_killed(
    firestore_host: str, firestore_project: str, open_firestore_books: OpenFirestoreBooks
) -> None:
    ready: set[str] = set()
    for name in ("first", "second", "third"):
        ready |= await _killed_under_load(firestore_host, firestore_project, name, after_lines=12)
    books = open_firestore_books()
    account = await Bookkeeper(books).account()
    entries = await all_entries(books)
    fold = Totals.of(entries)
    assert (fold.gaps, fold.count) == ((), account.sequence)
    assert (fold.total.stored, fold.total.reserved) == (account.stored, account.reserved)
    assert account.stored == len((await books.videos("ada", limit=100)).items)
    # Nobody published anything: every video that the dead had settled still waits in the outbox.
    clock = SteppedClock()
    waiting = {item.event_id for item in await books.outbox(clock.now + timedelta(days=365 * 50), limit=1000)}
    settled = {entry.file_id for entry in entries if entry.kind == "commit"}
    assert ready <= settled
    assert {f"video.ready:{file_id}:7" for file_id in settled} <= waiting


async def _killed_under_load(host: str, project: str, name: str, *, after_lines: int) -> set[str]:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.books.endless_worker", host, project, name),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    assert worker.stdout is not None
    lines = {(await worker.stdout.readline()).decode().strip() for _ in range(after_lines)}
    worker.kill()
    await worker.wait()
    assert len(lines) == after_lines
    return lines
