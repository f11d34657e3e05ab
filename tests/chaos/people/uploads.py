"""Uploads in every way there is, and what goes wrong with them: cancelled, late, of the wrong size, with the wrong bytes."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from tests.chaos.people.crc32c import crc32c_of
from tests.chaos.people.media import some_bytes
from tests.chaos.people.person import Answer, Grant, Lost, Person

NAMES = [f"{number}.mp4" for number in range(40)]
"""Few, so that two uploads want the same one."""

REFUSED = {201, 403, 409, 429}


async def grant(person: Person, start: str, *, data: bytes | None = None, **more: object) -> Grant | None:
    """Ask for an upload, and again with the same key if the answer is lost. Returns None if it is refused."""
    name, data = person.chance.choice(NAMES), some_bytes(person.chance) if data is None else data
    body = {"filename": name, "size": len(data), "start": start, **more}
    headers = {"Idempotency-Key": f"{person.chance.getrandbits(64):x}"}
    answer: Answer | None = None
    for _ in range(3):
        try:
            answer = await person.call("POST", "/v1/uploads", body, expect=REFUSED, headers=headers)
        except Lost:
            continue
        if answer.status not in {502, 503, 504}:
            break
    if answer is None or not answer.ok:
        return None
    return _granted(person, answer.body, data)


def _granted(person: Person, body: Mapping[str, object], data: bytes) -> Grant:
    granted = Grant(str(body["upload_id"]), str(body["filename"]), data)
    granted.request, granted.session_url = body.get("request"), body.get("session_url")  # type: ignore[assignment]
    person.open[granted.upload_id] = granted
    person.ack(f"reserve:{granted.upload_id}")
    return granted


async def send(person: Person, granted: Grant, data: bytes | None = None) -> int:
    """Send the bytes of a grant to its session, in one or two requests. Returns the last status."""
    data = granted.data if data is None else data
    url = granted.session_url
    if url is None and granted.request is not None:
        request = granted.request
        status, headers = await person.exchange(request["method"], request["url"], headers=request["headers"])
        if status != 201:
            return status
        url = granted.session_url = headers["Location"]
    if url is None:
        return 0
    status = await person.put("PUT", url, data)
    if status in {0, 500, 502, 503}:
        status = await person.put("PUT", url, data)
    return status


async def by_client(person: Person) -> None:
    """An upload whose session the client opens."""
    if granted := await grant(person, "client"):
        await send(person, granted)


async def by_server(person: Person) -> None:
    """An upload whose session the server opens."""
    if granted := await grant(person, "server", title="A title"):
        await send(person, granted)


async def and_see(person: Person) -> None:
    """An upload to its end, with its checksum announced."""
    data = some_bytes(person.chance)
    if granted := await grant(person, "server", data=data, crc32c=crc32c_of(data)):
        await send(person, granted)
        await complete(person, granted.upload_id)


async def real_media(person: Person) -> None:
    """A file with real sound, of which an MP3 is made."""
    if granted := await grant(person, "server", data=person.chance.choice(person.media)):
        await send(person, granted)


async def abandoned(person: Person) -> None:
    """A grant that nobody uses."""
    await grant(person, "client")


async def repeated_grant(person: Person) -> None:
    """The same grant twice at once, with one key: it must be one upload."""
    body = {"filename": person.chance.choice(NAMES), "size": 1000}
    headers = {"Idempotency-Key": f"{person.chance.getrandbits(64):x}"}
    ids = set()
    for _ in range(2):
        answer = await person.call("POST", "/v1/uploads", body, expect=REFUSED, headers=headers)
        if answer.ok:
            ids.add(_granted(person, answer.body, bytes(1000)).upload_id)
    if len(ids) > 1:
        person.journal.surprise(f"one key, two uploads: {ids}")


async def wrong_size(person: Person) -> None:
    """More or fewer bytes than were granted."""
    if granted := await grant(person, person.chance.choice(["client", "server"])):
        data = granted.data + bytes(500) if person.chance.random() < 0.5 else granted.data[:-1]
        await send(person, granted, data)
        granted.data = data


async def wrong_checksum(person: Person) -> None:
    """Other bytes than were announced."""
    if granted := await grant(person, "client", crc32c=crc32c_of(b"something else")):
        await send(person, granted)


async def late_object(person: Person) -> None:
    """Bytes for a grant that was cancelled, through what it allowed: again and again."""
    granted = person.chance.choice(person.settled) if person.settled else None
    if granted is None or person.chance.random() < 0.5:
        if (granted := await grant(person, "client")) is None:
            return
        await cancel(person, granted.upload_id)
    granted.session_url = None
    await send(person, granted)


async def in_parts(person: Person) -> None:
    """An upload in parts straight to the bucket, some of them twice, then completed."""
    data = some_bytes(person.chance)
    size = max(1, len(data) // person.chance.randint(1, 4))
    if (granted := await grant(person, "parts", data=data, part_size=size)) is None:
        return
    await _send_parts(person, granted, size)
    await complete(person, granted.upload_id)


async def _send_parts(person: Person, granted: Grant, size: int) -> None:
    pieces = [granted.data[at : at + size] for at in range(0, len(granted.data), size)]
    body = {"parts": [{"index": index} for index in range(len(pieces))]}
    signed = await person.call("POST", f"/v1/uploads/{granted.upload_id}/parts", body, expect={200, 404, 409})
    if not signed.ok:
        return
    granted.parts = [part["request"] for part in signed.body["parts"]]
    order = list(enumerate(pieces))
    person.chance.shuffle(order)
    for index, piece in order:
        request = granted.parts[index]
        for _ in range(2):
            status = await person.put(request["method"], request["url"], piece, request["headers"])
            if status not in {0, 500, 502, 503}:
                break


async def late_parts(person: Person) -> None:
    """Parts for an upload that is cancelled between the signing and the sending."""
    data = some_bytes(person.chance)
    if (granted := await grant(person, "parts", data=data, part_size=len(data))) is None:
        return
    body = {"parts": [{"index": 0}]}
    signed = await person.call("POST", f"/v1/uploads/{granted.upload_id}/parts", body, expect={200, 404, 409})
    await cancel(person, granted.upload_id)
    if signed.ok:
        request = signed.body["parts"][0]["request"]
        await person.put(request["method"], request["url"], data, request["headers"])


async def in_chunks(person: Person) -> None:
    """The older protocol: chunks as forms and by URLs, sometimes one too few."""
    name = person.chance.choice(NAMES)
    body: dict[str, object] = {"main_service_file_id": 7, "original_file_name": name}
    begun = await person.call("POST", "/upload/init", body, expect={200, 403, 409})
    if not begun.ok:
        return
    upload_id = begun.body["data"]["upload_session_id"]
    person.ack(f"reserve:{upload_id}")
    person.open[upload_id] = Grant(upload_id, name, b"")
    total = person.chance.randint(1, 3)
    for index in range(total):
        data = some_bytes(person.chance)
        if person.chance.random() < 0.5:
            form = aiohttp.FormData({"upload_session_id": upload_id, "chunk_index": str(index)})
            form.add_field("chunk", data, filename="blob")
            sent = await person.call("POST", "/upload/chunk", expect={200, 403, 404, 409}, data=form)
            if sent.ok:
                person.ack(f"chunk:{upload_id}:{index}")
        else:
            asked = {"upload_session_id": upload_id, "chunks": [{"index": index, "size": len(data)}]}
            signed = await person.call("POST", "/upload/chunk-urls", asked, expect={200, 403, 404, 409})
            if signed.ok:
                person.ack(f"chunk:{upload_id}:{index}")
                url = signed.body["data"]["chunks"][0]
                await person.put(url["method"], url["url"], data, url["headers"])
    missing = person.chance.random() < 0.1
    body = {"upload_session_id": upload_id, "total_chunks": total + missing, "main_service_file_id": 7}
    done = await person.call("POST", "/upload/complete", body, expect={200, 403, 404, 409})
    if done.ok:
        _ready(person, upload_id)


async def as_form(person: Person) -> None:
    """A small file that comes with the request."""
    form = aiohttp.FormData()
    form.add_field("file", some_bytes(person.chance), filename=person.chance.choice(NAMES), content_type="video/mp4")
    headers = {"Idempotency-Key": f"{person.chance.getrandbits(64):x}"}
    stored = await person.call("POST", "/upload", expect=REFUSED | {200}, data=form, headers=headers)
    if stored.ok:
        _ready(person, stored.body["file_id"])


async def cancel_any(person: Person) -> None:
    """Cancel an open upload, by either route."""
    if upload_id := person.any_of(person.open):
        await cancel(person, upload_id)


async def cancel(person: Person, upload_id: str) -> None:
    """Cancel an upload. What was acknowledged as cancelled is released, or was finished before."""
    older = person.chance.random() < 0.3
    path = f"/uploads/{upload_id}" if older else f"/v1/uploads/{upload_id}"
    answer = await person.call("DELETE", path, expect={200, 204, 404, 409})
    if (answer.ok or answer.status in {404, 409}) and (granted := person.open.pop(upload_id, None)):
        person.settled.append(granted)
        del person.settled[:-20]
    if answer.ok and not older:
        person.ack(f"release:{upload_id}")


async def complete_any(person: Person) -> None:
    """Complete an open upload."""
    if upload_id := person.any_of(person.open):
        await complete(person, upload_id)


async def complete(person: Person, upload_id: str) -> None:
    """Complete an upload, and note what became of it."""
    answer = await person.call("POST", f"/v1/uploads/{upload_id}/complete", expect={200, 404, 409})
    _note(person, upload_id, answer)


async def show_any(person: Person) -> None:
    """Look at an open upload."""
    if upload_id := person.any_of(person.open):
        _note(person, upload_id, await person.call("GET", f"/v1/uploads/{upload_id}", expect={200, 404}))


async def resume_any(person: Person) -> None:
    """Continue an open upload: send what it allows."""
    if (upload_id := person.any_of(person.open)) is None:
        return
    answer = await person.call("POST", f"/v1/uploads/{upload_id}/resume", expect={200, 404, 409})
    granted = person.open.get(upload_id)
    if answer.ok and granted is not None and granted.data:
        granted.request, granted.session_url = answer.body.get("request"), answer.body.get("session_url")
        await send(person, granted)


async def list_open(person: Person) -> None:
    """List the open uploads."""
    answer = await person.call("GET", "/v1/uploads", expect={200})
    if answer.ok:
        ids = {item["upload_id"] for item in answer.body["items"]}
        for upload_id in [one for one in person.open if one not in ids]:
            granted = person.open.pop(upload_id)
            person.settled.append(granted)


async def check(person: Person) -> None:
    """Ask what would fit."""
    await person.call("POST", "/v1/uploads/check", {"sizes": [1000, 100_000, 10_000_000]}, expect={200})


def _note(person: Person, upload_id: str, answer: Answer) -> None:
    state = answer.body.get("state") if answer.ok else None
    if state == "ready":
        _ready(person, upload_id)
    elif state in {"cancelled", "expired", "rejected"}:
        person.ack(f"release:{upload_id}")
        person.open.pop(upload_id, None)


def _ready(person: Person, upload_id: str) -> None:
    if granted := person.open.pop(upload_id, None):
        person.settled.append(granted)
    person.ack(f"commit:{upload_id}#")
    person.ready[upload_id] = granted.filename if granted else ""
