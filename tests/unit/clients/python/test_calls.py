"""Requests are signed, refreshed, repeated where that is safe, and their refusals are errors with words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from reelgate_client import (
    Conflict,
    LimitReached,
    MemoryStore,
    NotFound,
    NotReachable,
    NotSignedIn,
    Refused,
    Session,
    UnexpectedAnswer,
)
from tests.doubles.fake_reelgate import FakeReelgate, problem


def session(token: str = "token-0", *, minutes: float = 60, refresh_token: str = "refresh-0") -> Session:
    return Session(
        token=token, refresh_token=refresh_token, expires_at=datetime.now(UTC) + timedelta(minutes=minutes), user_id="ada"
    )


def once(answer):
    """Return a fault that happens once: an answer, or an error that is raised."""
    left = [answer]

    def fault(_request):
        if not left:
            return None
        found = left.pop()
        if isinstance(found, Exception):
            raise found
        return found

    return fault


def times(fault, number: int):
    """Return a fault that happens some times."""
    return [once(fault()) for _ in range(number)]


def test_an_api_key_signs_every_request(make, fake) -> None:
    either = make(token=None, api_key="rgk_abc")
    either.run(either.client.videos.list())
    assert fake.bearers == ["rgk_abc"]


def test_the_key_and_the_url_come_from_the_environment(make, fake, monkeypatch) -> None:
    monkeypatch.setenv("REELGATE_API_KEY", "rgk_env")
    either = make(token=None)
    either.run(either.client.videos.list())
    assert fake.bearers == ["rgk_env"]


def test_without_credentials_nothing_is_sent(make, fake, monkeypatch) -> None:
    monkeypatch.delenv("REELGATE_API_KEY", raising=False)
    either = make(token=None)
    with pytest.raises(NotSignedIn) as raised:
        either.run(either.client.videos.list())
    assert raised.value.code == "signed_out"
    assert fake.requests == []


def test_a_token_that_ends_soon_is_refreshed_before_it_is_used(make, fake) -> None:
    store = MemoryStore(session(minutes=1))
    either = make(token=None, session_store=store)
    either.run(either.client.videos.list())
    assert fake.requests == ["POST /v1/auth/refresh", "GET /v1/videos"]
    assert fake.bearers == ["token-1"]
    assert store.load().token == "token-1"


def test_a_token_that_is_refused_is_refreshed_once(make, fake) -> None:
    either = make(token=None, session_store=MemoryStore(session("revoked")))
    either.run(either.client.videos.list())
    assert fake.requests == ["GET /v1/videos", "POST /v1/auth/refresh", "GET /v1/videos"]


def test_many_calls_at_once_refresh_once(make, fake) -> None:
    either = make(token=None, session_store=MemoryStore(session(minutes=1)))
    either.run_together(*[either.client.videos.list] * 8)
    assert fake.requests.count("POST /v1/auth/refresh") == 1
    assert set(fake.bearers) == {"token-1"}


def test_many_refusals_at_once_refresh_once(make, fake) -> None:
    either = make(token=None, session_store=MemoryStore(session("revoked")))
    either.run_together(*[either.client.videos.list] * 8)
    assert fake.requests.count("POST /v1/auth/refresh") == 1


def test_a_session_that_is_over_is_forgotten(make, fake) -> None:
    store = MemoryStore(session("revoked", refresh_token="revoked"))
    either = make(token=None, session_store=store)
    with pytest.raises(NotSignedIn, match="Sign in again"):
        either.run(either.client.videos.list())
    assert store.load() is None


def test_another_process_may_have_signed_in_meanwhile(make, fake) -> None:
    store = MemoryStore(session("revoked", refresh_token="revoked"))
    either = make(token=None, session_store=store)
    store.save(session())
    either.run(either.client.videos.list())
    assert fake.bearers == ["revoked", "token-0"]


def test_signing_in_keeps_the_session(make, fake) -> None:
    store = MemoryStore()
    either = make(token=None, session_store=store)
    either.run(either.client.auth.sign_in("correct horse battery", email="ada@example.org"))
    assert store.load().token == "token-1"
    assert either.client.auth.session.user_id == "ada"
    assert "token-1" not in repr(store.load())


def test_a_wrong_password_says_so(make) -> None:
    either = make(token=None, session_store=MemoryStore())
    with pytest.raises(NotSignedIn) as raised:
        either.run(either.client.auth.sign_in("wrong", email="ada@example.org"))
    assert raised.value.code == "invalid_credentials"
    assert raised.value.request_id == "request-0001"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: problem(404, "video_not_found", "There is no such video."), NotFound),
        (lambda: problem(403, "storage_limit_exceeded", "There is no room.", limit=5), LimitReached),
        (lambda: problem(409, "name_taken", "The name is taken."), Conflict),
        (lambda: httpx.Response(404, json={"code": 404, "message": "of the gateway"}), NotFound),
        (lambda: httpx.Response(418, text="teapot"), UnexpectedAnswer),
        (lambda: httpx.Response(200, text="<html>a hotel's network</html>"), UnexpectedAnswer),
        (lambda: httpx.Response(200, json={"items": "none"}), UnexpectedAnswer),
        (lambda: httpx.Response(200, json=[1]), UnexpectedAnswer),
    ],
)
def test_refusals_are_errors_of_their_kind(either, fake, answer, kind) -> None:
    fake.faults.append(lambda _: answer())
    with pytest.raises(kind) as raised:
        either.run(either.client.videos.list())
    assert str(raised.value)


def test_it_waits_as_long_as_it_is_asked_to(either, fake: FakeReelgate, waits) -> None:
    fake.faults += times(lambda: problem(429, "too_many_requests", "Too many.", retry_after=7), 2)
    either.run(either.client.videos.list())
    assert len(waits) == 2
    assert all(wait >= 7 for wait in waits)


def test_it_does_not_wait_for_an_hour(either, fake, waits) -> None:
    fake.faults.append(lambda _: problem(429, "too_many_attempts", "Wait.", retry_after=3600))
    with pytest.raises(LimitReached) as raised:
        either.run(either.client.videos.list())
    assert raised.value.retry_after == 3600
    assert waits == []


def test_a_lost_answer_is_asked_for_again_where_that_is_safe(either, fake) -> None:
    fake.faults += times(lambda: httpx.ReadTimeout("late"), 2)
    either.run(either.client.videos.list())
    assert fake.requests == ["GET /v1/videos"] * 3


def test_a_lost_answer_is_not_asked_for_again_where_it_could_do_something_twice(either, fake) -> None:
    fake.faults.append(once(httpx.ReadError("reset")))
    with pytest.raises(NotReachable):
        either.run(either.client.me.api_keys.create("backup", ["read"]))
    assert fake.requests == ["POST /v1/me/api-keys"]


def test_what_was_never_sent_is_sent_again(either, fake) -> None:
    fake.faults += times(lambda: httpx.ConnectError("refused"), 2)
    assert either.run(either.client.me.api_keys.create("backup", ["read"])).key == "rgk_new"
    assert len(fake.requests) == 3


def test_it_gives_up_in_words(either, fake, waits) -> None:
    fake.faults.append(lambda _: (_ for _ in ()).throw(httpx.ConnectError("refused")))
    with pytest.raises(NotReachable, match=r"https://api.example cannot be reached"):
        either.run(either.client.videos.list())
    assert len(waits) == 3


def test_a_slow_database_may_have_done_it(either, fake, film) -> None:
    """With an idempotency key the request is sent again, and the same upload is found."""
    fake.faults.append(once(problem(503, "books_slow", "The database did not answer in time.", retry_after=1)))
    either.run(either.client.upload(film))
    assert [one.state for one in fake.uploads.values()] == ["ready"]


@pytest.mark.parametrize("video_id", ["", ".", ".."])
def test_an_id_that_would_name_something_else_is_not_sent(either, fake, video_id) -> None:
    """`DELETE /v1/trash/` may be all of the trash."""
    with pytest.raises(Refused):
        either.run(either.client.trash.purge(video_id))
    assert fake.requests == []
