"""Access tokens: kept, refreshed ahead of time, asked for once however many need one, and never shown."""

from __future__ import annotations

import asyncio
import logging

import pytest

from reelgate.adapters.google.access_tokens import REFRESH_AHEAD_SECONDS, AccessToken, AccessTokens
from reelgate.adapters.google.rest import NoAccessToken


class Issuer:
    """A source that counts and may fail; every token lives for an hour."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked = 0
        self.issued = 0
        self.broken = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.tokens = AccessTokens(self.answer, clock=lambda: self.now)

    async def answer(self) -> AccessToken:
        self.asked += 1
        await self.may_answer.wait()
        if self.broken:
            raise NoAccessToken("as the test wants it")
        self.issued += 1
        return AccessToken(f"secret-{self.issued}", 3600)

    async def exchanged(self) -> None:
        """Wait until the fetch under way has ended."""
        fetch = self.tokens._fetching
        assert fetch is not None
        await asyncio.wait([fetch])


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


async def test_a_token_is_kept(issuer: Issuer) -> None:
    assert [await issuer.tokens.current() for _ in range(3)] == ["secret-1"] * 3
    issuer.now += 3600 - REFRESH_AHEAD_SECONDS
    assert await issuer.tokens.current() == "secret-1"
    assert issuer.asked == 1


async def test_it_is_exchanged_before_it_expires(issuer: Issuer) -> None:
    await issuer.tokens.current()
    issuer.now += 3600 - REFRESH_AHEAD_SECONDS + 1
    assert [await issuer.tokens.current() for _ in range(2)] == ["secret-1"] * 2
    await issuer.exchanged()
    assert [await issuer.tokens.current() for _ in range(2)] == ["secret-2"] * 2
    assert issuer.asked == 2


async def test_a_failed_exchange_ahead_of_time_harms_nobody(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    await issuer.tokens.current()
    issuer.now += 3600 - 60
    issuer.broken = True
    with caplog.at_level(logging.DEBUG):
        assert await issuer.tokens.current() == "secret-1"
        await issuer.exchanged()
    assert "as the test wants it" in caplog.text
    assert "secret-1" not in caplog.text
    issuer.broken = False
    assert await issuer.tokens.current() == "secret-1"
    await issuer.exchanged()
    assert await issuer.tokens.current() == "secret-2"


async def test_an_expired_token_is_not_used(issuer: Issuer) -> None:
    await issuer.tokens.current()
    issuer.now += 3595
    issuer.broken = True
    with pytest.raises(NoAccessToken):
        await issuer.tokens.current()


async def test_during_an_exchange_ahead_of_time_calls_go_on_with_the_old_one(issuer: Issuer) -> None:
    await issuer.tokens.current()
    issuer.now += 3600 - 60
    issuer.may_answer.clear()
    assert [await issuer.tokens.current() for _ in range(3)] == ["secret-1"] * 3
    issuer.may_answer.set()
    await issuer.exchanged()
    assert await issuer.tokens.current() == "secret-2"
    assert issuer.asked == 2


@pytest.mark.parametrize("broken", [False, True])
async def test_the_source_is_asked_once_however_many_wait(issuer: Issuer, broken: bool) -> None:
    issuer.broken = broken
    issuer.may_answer.clear()
    waiting = [asyncio.create_task(issuer.tokens.current()) for _ in range(8)]
    await asyncio.sleep(0)
    issuer.may_answer.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [result if isinstance(result, str) else type(result) for result in results] == [
        NoAccessToken if broken else "secret-1"
    ] * 8
    assert issuer.asked == 1


async def test_a_call_that_gives_up_takes_the_token_from_no_other(issuer: Issuer) -> None:
    issuer.may_answer.clear()
    first, second = (asyncio.create_task(issuer.tokens.current()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    issuer.may_answer.set()
    assert await second == "secret-1"
    assert first.cancelled()
    assert issuer.asked == 1


async def test_after_a_failure_the_source_is_asked_again(issuer: Issuer) -> None:
    issuer.broken = True
    with pytest.raises(NoAccessToken):
        await issuer.tokens.current()
    issuer.broken = False
    assert await issuer.tokens.current() == "secret-1"


def test_tokens_serve_one_event_loop_after_another() -> None:
    issuer = Issuer()
    assert asyncio.run(issuer.tokens.current()) == "secret-1"
    issuer.now += 3600
    assert asyncio.run(issuer.tokens.current()) == "secret-2"


async def test_a_refused_token_is_forgotten(issuer: Issuer) -> None:
    first = await issuer.tokens.current()
    issuer.tokens.forget("another")
    assert await issuer.tokens.current() == first
    issuer.tokens.forget(first)
    assert await issuer.tokens.current() == "secret-2"


def test_tokens_do_not_show() -> None:
    assert "secret" not in repr(AccessToken("secret", 5))
