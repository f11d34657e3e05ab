"""Many at once: the quota holds, nothing fails, and what cannot be granted is refused with the numbers."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx

from tests.e2e.people import MIB, Person


async def _all_at_once(person: Person, bodies: list[dict[str, object]]) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=person.api.base_url, headers=person.api.headers, limits=limits, timeout=60) as client:
        return await asyncio.gather(*(client.post("/upload", json=body) for body in bodies))


async def test_200_parallel_uploads_of_one_user_never_exceed_the_quota(person: Person) -> None:
    bodies: list[dict[str, object]] = [{"filename": f"{n}.mp4", "size": MIB, "content_type": "video/mp4"} for n in range(200)]
    answers = await _all_at_once(person, bodies)
    assert Counter(answer.status_code for answer in answers) == {201: 50, 403: 150}
    assert person.storage_status()["reserved_storage"] == 50 * MIB
    refused = next(answer.json() for answer in answers if answer.status_code == 403)
    assert (refused["limit"], refused["used"], refused["requested"]) == (50 * MIB, 0, MIB)
    person.assert_books_right()


async def test_one_name_is_granted_once(person: Person) -> None:
    body: dict[str, object] = {"filename": "one.mp4", "size": 10, "content_type": "video/mp4"}
    answers = await _all_at_once(person, [body] * 30)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 29}


async def test_streams_never_exceed_the_day(person: Person) -> None:
    """Seven uploads use 63 MiB of the day's 100, so four of five files can be watched, each as often as its player asks."""
    size = 9 * MIB
    for n in range(2):
        person.upload(f"{n}.mp4", bytes(size))
        person.delete(f"{n}.mp4")
    uploads = 2 + sum(person.upload_to_watch(f"{n}.mp4", bytes(size)) for n in range(2, 7))
    watched = 100 * MIB // size - uploads  # four, unless a window was about to end
    async with httpx.AsyncClient(base_url=person.api.base_url, headers=person.api.headers, timeout=60) as client:
        answers = await asyncio.gather(*(client.get(f"/stream/direct/{2 + n % 5}.mp4") for n in range(40)))
    assert Counter(answer.status_code for answer in answers) == {200: 8 * watched, 403: 8 * (5 - watched)}
    assert len({answer.json()["url"] for answer in answers if answer.status_code == 200}) == watched
    refused = next(answer.json() for answer in answers if answer.status_code == 403)
    assert refused["error"] == "Bandwidth limit exceeded"
    assert (refused["limit"], refused["used"]) == (100 * MIB, 99 * MIB)
    person.assert_books_right()
