"""Signatures made once: for later requests, for concurrent ones, and within a bound."""

from __future__ import annotations

import asyncio
import gc
import logging

import pytest

from reelgate.adapters.signing.shared_signatures import SharedSignatures


class Signing:
    """Signs with the text itself; waits and fails as a test wants it."""

    def __init__(self) -> None:
        self.signed: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.problem: Exception | None = None

    async def __call__(self, text: str) -> bytes:
        self.signed.append(text)
        await self.may_answer.wait()
        if self.problem is not None:
            raise self.problem
        return f"signature of {text}".encode()


@pytest.fixture
async def signing() -> Signing:
    return Signing()


async def test_a_string_is_signed_once(signing: Signing) -> None:
    shared = SharedSignatures(signing)
    assert [await shared.signature("a") for _ in range(3)] == [b"signature of a"] * 3
    assert await shared.signature("b") == b"signature of b"
    assert signing.signed == ["a", "b"]


async def test_concurrent_requests_share_one_call(signing: Signing) -> None:
    shared = SharedSignatures(signing)
    assert set(await asyncio.gather(*(shared.signature("a") for _ in range(50)))) == {b"signature of a"}
    assert signing.signed == ["a"]


async def test_who_stops_waiting_does_not_end_the_call(signing: Signing) -> None:
    shared = SharedSignatures(signing)
    signing.may_answer.clear()
    first, second = (asyncio.create_task(shared.signature("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    signing.may_answer.set()
    assert await second == b"signature of a"
    with pytest.raises(asyncio.CancelledError):
        await first
    assert signing.signed == ["a"]


async def test_a_failure_reaches_all_and_is_not_kept(signing: Signing) -> None:
    shared = SharedSignatures(signing)
    signing.problem = OSError("no route")
    answers = await asyncio.gather(*(shared.signature("a") for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError] * 3
    signing.problem = None
    assert await shared.signature("a") == b"signature of a"
    assert signing.signed == ["a", "a"]


async def test_a_failure_without_an_audience_is_not_logged(signing: Signing, caplog: pytest.LogCaptureFixture) -> None:
    shared = SharedSignatures(signing)
    signing.may_answer.clear()
    signing.problem = OSError("no route")
    only = asyncio.create_task(shared.signature("a"))
    await asyncio.sleep(0)
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    signing.may_answer.set()
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            await asyncio.sleep(0)
        gc.collect()
    assert caplog.records == []


async def test_the_one_used_longest_ago_goes_first(signing: Signing) -> None:
    shared = SharedSignatures(signing, size=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await shared.signature(text)
    assert signing.signed == ["a", "b", "c", "b"]


async def test_nothing_shows_in_the_repr(signing: Signing) -> None:
    shared = SharedSignatures(signing)
    await shared.signature("a")
    assert repr(shared) == "SharedSignatures(1 of 4096)"
