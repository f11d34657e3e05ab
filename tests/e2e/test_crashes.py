"""Function processes die under load: the books must still be the fold of their ledger, and everything granted be settled."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.people import Person, sign_up
from tests.e2e.test_events import Eventarc

PEOPLE, EACH = 3, 12


def _upload(person: Person, number: int) -> None:
    """Upload a small video over whatever breaks, as a client with retries does."""
    key = {"Idempotency-Key": f"crash-{number}"}
    body = {"filename": f"{number}.mp4", "size": 1000 + number, "content_type": "video/mp4"}
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            answer = person.api.post("/upload", json=body, headers=key)
            if answer.status_code == 503:
                time.sleep(0.1)  # what Retry-After asks for, only less patient
                continue
            if answer.status_code == 409:
                return  # an earlier try, whose answer was lost, went all the way
            assert answer.status_code == 201, answer.text
            assert person.send(answer.json(), bytes(1000 + number)).status_code == 200
        except httpx.TransportError:
            continue
        return
    raise AssertionError("60 seconds of trying were not enough")


@pytest.mark.parametrize("victim", ["upload", "finalize"])
def test_sigkill_under_load(cloud: Mapping[str, str], emulator: Callable[..., str], victim: str) -> None:
    with contextlib.ExitStack() as stack:
        people = [stack.enter_context(sign_up(cloud)) for _ in range(PEOPLE)]
        _upload_while_it_dies(people, emulator, victim)
        Eventarc(cloud).flush()
        for person in people:
            assert person.storage_status()["used_storage"] == sum(1000 + number for number in range(EACH))
            assert person.storage_status()["reserved_storage"] == 0
            person.assert_books_right()
            assert "1 account, 0 wrong" in emulator("books", person.uid)


def _upload_while_it_dies(people: list[Person], emulator: Callable[..., str], victim: str) -> None:
    done = threading.Event()

    def kill() -> None:
        while not done.wait(1):
            emulator("kill", victim)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            tasks = [pool.submit(_upload, person, number) for number in range(EACH) for person in people]
            for task in tasks:
                task.result(120)
    finally:
        done.set()
        killer.join()
    emulator("restart", victim)
