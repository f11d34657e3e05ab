"""What costs more than it seems: bytes that never become a video, media that want to be large, floods, slow senders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from tests.chaos.people import uploads
from tests.chaos.people.media import some_bytes
from tests.chaos.people.person import Lost, Person

FLOOD = 20
DRIP_SECONDS = 6.0


async def one_grant_many_sessions(person: Person) -> None:
    """A grant of one byte, and several sessions through it that send much more."""
    granted = await uploads.grant(person, "client", data=b"x")
    if granted is None:
        return
    for _ in range(3):
        granted.session_url = None
        await uploads.send(person, granted, person.chance.randbytes(15_000))


async def many_late_parts(person: Person) -> None:
    """URLs for several parts, the upload cancelled, and the parts sent all the same."""
    data = person.chance.randbytes(20_000)
    if (granted := await uploads.grant(person, "parts", data=data, part_size=5000)) is None:
        return
    body = {"parts": [{"index": index} for index in range(4)]}
    signed = await person.call("POST", f"/v1/uploads/{granted.upload_id}/parts", body, expect={200, 404, 409})
    await uploads.cancel(person, granted.upload_id)
    if signed.ok:
        for part in signed.body["parts"]:
            request = part["request"]
            await person.put(request["method"], request["url"], data[:5000], request["headers"])


async def parts_after_completion(person: Person) -> None:
    """A part of an upload that has become a video, by a URL that was signed before."""
    for granted in [one for one in person.settled if one.parts][:1]:
        request = granted.parts[0]
        await person.put(request["method"], request["url"], granted.data, request["headers"])


async def flood(person: Person) -> None:
    """Many cheap requests at once."""
    paths = [person.chance.choice(["/v1/usage", "/files", "/v1/videos"]) for _ in range(FLOOD)]
    await _at_once(person, paths, expect={200})


async def flood_of_urls(person: Person) -> None:
    """Many requests for the same URL, which is charged once: more than a minute's worth."""
    if (video_id := person.any_of(person.ready)) is None:
        return
    for _ in range(15):
        if not await _at_once(person, [f"/v1/videos/{video_id}/url"] * FLOOD, expect={200, 403, 404}):
            return


async def _at_once(person: Person, paths: list[str], *, expect: set[int]) -> bool:
    """Send requests at once; return whether none of them was refused."""

    async def one(path: str) -> bool:
        try:
            return (await person.call("GET", path, expect=expect)).ok
        except Lost:
            return False

    return all(await asyncio.gather(*map(one, paths)))


async def slow_form(person: Person) -> None:
    """A form of which a few bytes come now and then."""

    async def drip() -> AsyncIterator[bytes]:
        for byte in some_bytes(person.chance)[:20]:
            yield bytes([byte])
            await asyncio.sleep(DRIP_SECONDS / 20)

    form = aiohttp.FormData()
    form.add_field("file", drip(), filename=person.chance.choice(uploads.NAMES), content_type="video/mp4")
    stored = await person.call("POST", "/upload", expect={200, 201, 403, 408, 409}, data=form)
    if stored.ok:
        person.ready[stored.body["file_id"]] = ""


async def mail_bomb(person: Person) -> None:
    """Use that moves over the thresholds of alerts, by one large file that is deleted and restored."""
    data = person.chance.randbytes(200_000)
    if granted := await uploads.grant(person, "server", data=data):
        await uploads.send(person, granted)
        await uploads.complete(person, granted.upload_id)
        for _ in range(3):
            deleted = await person.call("DELETE", f"/v1/videos/{granted.upload_id}", expect={204, 404})
            restored = await person.call("POST", f"/v1/videos/{granted.upload_id}/restore", expect={200, 403, 404, 409})
            if not (deleted.ok and restored.ok):
                return
