"""Slow senders of forms and chunks: they lose their turn, and take nobody else's."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from reelgate.web.compat.uploads import forms
from reelgate.web.http import bodies
from reelgate.web.http.bodies import BodyTurns
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.chunk_requests import begin
from tests.fixtures.memory_services import POLICY, MemoryServices

HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
WAIT, GRACE = 0.6, 0.3


@pytest.fixture(autouse=True)
def turns(monkeypatch: pytest.MonkeyPatch) -> BodyTurns:
    """An instance's turns, none of them taken; waits are a fraction of the real ones."""
    monkeypatch.setattr(bodies, "WAIT_SECONDS", WAIT)
    monkeypatch.setattr(bodies, "GRACE_SECONDS", GRACE)
    turns = BodyTurns(forms.FORMS_AT_ONCE)
    monkeypatch.setattr(forms, "_TURNS", turns)
    return turns


@pytest.fixture
def bob(services: MemoryServices) -> ApiClient:
    return ApiClient(services, "bob")


class Drip:
    """A form whose bytes come one by one, as long as anybody reads them. `read` is how many were."""

    def __init__(self, name: bytes, *, pause: float = 0.02, size: int = 10_000, piece: bytes = b"v") -> None:
        self.name, self.pause, self.size, self.piece, self.read = name, pause, size, piece, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.read += 1
        yield HEAD % self.name
        for _ in range(self.size):
            await asyncio.sleep(self.pause)
            self.read += len(self.piece)
            yield self.piece
        yield b"\r\n--b--\r\n"


async def send(api: ApiClient, drip: Drip) -> httpx.Response:
    return await api.post("/upload", content=drip, headers=MULTIPART)


async def test_four_dripping_forms_of_a_user_stop_nobody_else(
    api: ApiClient, bob: ApiClient, services: MemoryServices, turns: BodyTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 3 * WAIT)
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 6 * WAIT)
    drips = [Drip(b"%d.mp4" % n) for n in range(4)]
    slow = [asyncio.create_task(send(api, drip)) for drip in drips]
    await asyncio.sleep(0.1)
    assert [drip.read > 0 for drip in drips] == [True, True, False, False]  # two are read, and two wait unread
    assert (await bob.post("/upload", files={"file": ("b.mp4", b"v" * 3)})).status_code == 200
    assert not any(one.done() for one in slow)  # bob has waited for none of them
    answers = await asyncio.gather(*slow)
    for answer in answers:
        body = problem_of(answer, 408, "request_too_slow")
        assert answer.headers["connection"] == "close"
        assert body["detail"] == "This file arrives too slowly. Try again with a better connection."
        assert body["hint"] == "Send at least 65.5 kB a second, or ask POST /upload with JSON for a signed URL."
    assert (services.media.objects.keys(), turns._users) == ({"bob/id-1/b.mp4"}, {})
    assert await services.account() is None


async def test_whoever_gets_no_turn_is_told_when_to_try_again(
    api: ApiClient, bob: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two users keep the four turns busy, fast enough; a form of a third waits, and so does a third one of the first."""
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 60)
    others = [ApiClient(services, user) for user in ("ada", "ada", "root", "root")]
    drips = [Drip(b"%d.mp4" % n, size=100) for n in range(4)]
    busy = [asyncio.create_task(send(other, drip)) for other, drip in zip(others, drips, strict=True)]
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    waits = Drip(b"b.mp4")
    refused, own = await asyncio.gather(send(bob, waits), send(api, Drip(b"9.mp4")))
    assert time.monotonic() - begun >= WAIT
    assert refused.headers["retry-after"] == own.headers["retry-after"] == "10"
    body = problem_of(refused, 503, "unavailable")
    assert body["detail"] == "Too many files are arriving at the moment. Send this one again."
    assert problem_of(own, 503, "unavailable")["detail"].startswith("Other files of yours are still arriving.")
    assert waits.read == 0
    assert [answer.status_code for answer in await asyncio.gather(*busy)] == [200] * 4
    assert (await bob.post("/upload", files={"file": ("b.mp4", b"v")})).status_code == 200


async def test_chunks_are_forms(api: ApiClient) -> None:
    fields = {"upload_session_id": await begin(api), "chunk_index": "0"}
    head = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
        for name, value in fields.items()
    )

    async def drip() -> AsyncIterator[bytes]:
        yield head + b'--b\r\nContent-Disposition: form-data; name="chunk"; filename="c"\r\n\r\n'
        await asyncio.sleep(60)

    answer = await api.post("/upload/chunk", content=drip(), headers=MULTIPART)
    hint = problem_of(answer, 408, "request_too_slow")["hint"]
    assert hint == "Send at least 65.5 kB a second, or ask POST /upload/chunk-urls for a signed URL."


async def test_a_connection_that_is_fast_enough_is_never_too_slow(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(POLICY, form_min_bytes_per_second=500)
    fast = Drip(b"a.mp4", pause=0.05, size=16, piece=b"v" * 50)  # 1000 bytes a second, for longer than the grace
    assert (await send(api, fast)).status_code == 200
    slow = Drip(b"b.mp4", pause=0.2, size=16, piece=b"v" * 50)
    problem_of(await send(api, slow), 408, "request_too_slow")
    assert slow.read < 500


async def test_only_waiting_for_the_client_counts(api: ApiClient, services: MemoryServices) -> None:
    """What is slow here must not be the client's fault."""
    put = services.media.put

    async def slowly(*given: object, **more: object) -> object:
        await asyncio.sleep(2 * GRACE)
        return await put(*given, **more)  # type: ignore[arg-type]

    services.media.put = slowly  # type: ignore[method-assign,assignment]
    assert (await api.post("/upload", files={"file": ("a.mp4", b"v" * 800)})).status_code == 200


async def test_nothing_of_a_form_that_was_too_slow_is_kept(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(POLICY, form_upload_max_bytes=3_000_000)

    async def stalls() -> AsyncIterator[bytes]:
        yield HEAD % b"a.mp4" + b"v" * 2_000_000
        await asyncio.sleep(600)

    services.policy = replace(services.policy, form_min_bytes_per_second=10**9)
    problem_of(await api.post("/upload", content=stalls(), headers=MULTIPART), 408, "request_too_slow")
    assert all(one.closed for one in spooled())


def spooled() -> list[tempfile.SpooledTemporaryFile[bytes]]:
    return [one for one in gc.get_objects() if type(one) is tempfile.SpooledTemporaryFile]
