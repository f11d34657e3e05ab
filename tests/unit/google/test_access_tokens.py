"""Access tokens: kept, refreshed ahead of time, asked for once however many need one, and never shown."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reelgate.adapters.google.access_tokens import REFRESH_AHEAD_SECONDS, AccessToken, AccessTokens
from reelgate.adapters.google.rest import NoAccessToken


class Issuer:
    """A source that counts and may fail; every token lives for an hour."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.issued = 0
        self.broken = False
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.tokens = AccessTokens(self, clock=lambda: self.now)

    def __call__(self) -> AccessToken:
        self.asked.release()
        assert self.may_answer.wait(10)
        if self.broken:
            raise NoAccessToken("as the test wants it")
        self.issued += 1
        return AccessToken(f"secret-{self.issued}", 3600)


class CountedLock:
    """A lock that tells of everybody who comes for it, before they wait."""

    def __init__(self) -> None:
        self.arrivals = threading.Semaphore(0)
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        self.arrivals.release()
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def test_a_token_is_kept(issuer: Issuer) -> None:
    assert [issuer.tokens.current() for _ in range(3)] == ["secret-1"] * 3
    issuer.now += 3600 - REFRESH_AHEAD_SECONDS
    assert issuer.tokens.current() == "secret-1"


def test_it_is_exchanged_before_it_expires(issuer: Issuer) -> None:
    issuer.tokens.current()
    issuer.now += 3600 - REFRESH_AHEAD_SECONDS + 1
    assert [issuer.tokens.current() for _ in range(2)] == ["secret-2"] * 2


def test_a_failed_exchange_ahead_of_time_harms_nobody(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    issuer.tokens.current()
    issuer.now += 3600 - 60
    issuer.broken = True
    with caplog.at_level(logging.DEBUG):
        assert issuer.tokens.current() == "secret-1"
    assert "as the test wants it" in caplog.text
    assert "secret-1" not in caplog.text
    issuer.broken = False
    assert issuer.tokens.current() == "secret-2"


def test_an_expired_token_is_not_used(issuer: Issuer) -> None:
    issuer.tokens.current()
    issuer.now += 3595
    issuer.broken = True
    with pytest.raises(NoAccessToken):
        issuer.tokens.current()


def test_during_an_exchange_ahead_of_time_others_go_on_with_the_old_one(issuer: Issuer) -> None:
    issuer.tokens.current()
    issuer.asked.acquire()
    issuer.now += 3600 - 60
    issuer.may_answer.clear()
    with ThreadPoolExecutor(1) as threads:
        exchanging = threads.submit(issuer.tokens.current)
        assert issuer.asked.acquire(timeout=10)
        assert issuer.tokens.current() == "secret-1"
        issuer.may_answer.set()
        assert exchanging.result(10) == "secret-2"


@pytest.mark.parametrize("broken", [False, True])
def test_the_source_is_asked_once_however_many_wait(issuer: Issuer, broken: bool) -> None:
    issuer.broken = broken
    issuer.may_answer.clear()
    queue = CountedLock()
    issuer.tokens._fetching = queue  # type: ignore[assignment]

    def ask() -> str:
        try:
            return issuer.tokens.current()
        except NoAccessToken:
            return "none"

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(ask) for _ in range(8)]
        for _ in waiting:
            assert queue.arrivals.acquire(timeout=10)
        issuer.may_answer.set()
        assert [one.result(10) for one in waiting] == (["none"] if broken else ["secret-1"]) * 8
    assert issuer.asked.acquire(blocking=False)
    assert not issuer.asked.acquire(blocking=False)


def test_a_refused_token_is_forgotten(issuer: Issuer) -> None:
    first = issuer.tokens.current()
    issuer.tokens.forget("another")
    assert issuer.tokens.current() == first
    issuer.tokens.forget(first)
    assert issuer.tokens.current() == "secret-2"


def test_tokens_do_not_show() -> None:
    assert "secret" not in repr(AccessToken("secret", 5))
