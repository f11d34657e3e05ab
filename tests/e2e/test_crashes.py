"""Function processes die under load: the books must still be the fold of their ledger, and everything granted be settled."""

from __future__ import annotations

import threading
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
    for _ in range(60):
        try:
            answer = person.api.post("/upload", json=body, headers=key)
            if answer.status_code == 503:
                continue
            if answer.status_code == 409:
                return  # an earlier try, whose answer was lost, went all the way
            assert answer.status_code == 201, answer.text
            assert person.send(answer.json(), bytes(1000 + number)).status_code == 200
        except httpx.TransportError:
            continue
        return
    raise AssertionError("60 tries were not enough")


@pytest.mark.parametrize("victim", ["upload", "finalize"])
def test_sigkill_under_load(cloud: Mapping[str, str], emulator: Callable[..., str], victim: str) -> None:
    people = [sign_up(cloud) for _ in range(PEOPLE)]
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.4):
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
    Eventarc(cloud).flush()
    for person in people:
        with person:
            assert person.storage_status()["used_storage"] == sum(1000 + number for number in range(EACH))
            assert person.storage_status()["reserved_storage"] == 0
            person.assert_books_right()
