"""What Firebase's REST interface says that its emulator never does, told in our own words and without a secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest

from reelgate.adapters.users.firebase_sign_in import FirebaseSignIn
from reelgate.domain.errors import InvalidCredentials, ReelgateError, TooManyAttempts, Unauthorized, Unavailable
from tests.fixtures.scripted_server import Answer, ScriptedServer, scripted_server

PASSWORD, REFRESH_TOKEN, KEY = "correct horse", "r-secret", "k-web"
SECRETS = (PASSWORD, REFRESH_TOKEN, KEY, "t-secret")
TOKENS = {"localId": "u1", "idToken": "t-secret", "refreshToken": REFRESH_TOKEN, "expiresIn": "3600", "displayName": "Ada"}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def firebase(server: ScriptedServer) -> Iterator[FirebaseSignIn]:
    client = FirebaseSignIn(api_key=KEY, emulator=server.host)
    yield client
    client.close()


def saying(status: int, message: str) -> Callable[[object], Answer]:
    return lambda _: Answer(status, json.dumps({"error": {"code": status, "message": message}}).encode())


async def test_the_request_is_the_one_that_is_documented(firebase: FirebaseSignIn, server: ScriptedServer) -> None:
    server.script = lambda _: Answer(200, json.dumps(TOKENS).encode())
    signed_in = await firebase.sign_in("ada@example.org", PASSWORD)
    assert (signed_in.uid, signed_in.id_token, signed_in.refresh_token, signed_in.expires_in) == (
        "u1",
        "t-secret",
        REFRESH_TOKEN,
        3600,
    )
    [asked] = server.asked
    assert "authorization" not in asked.headers
    assert asked.target == "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=k-web"
    assert json.loads(asked.body) == {"email": "ada@example.org", "password": PASSWORD, "returnSecureToken": True}
    assert [secret for secret in SECRETS if secret in repr(signed_in)] == []


async def test_a_refresh_is_a_form(firebase: FirebaseSignIn, server: ScriptedServer) -> None:
    answer = {"user_id": "u1", "id_token": "t-secret", "refresh_token": "r-new", "expires_in": "3600"}
    server.script = lambda _: Answer(200, json.dumps(answer).encode())
    assert (await firebase.refresh("r+&=é")).refresh_token == "r-new"
    [asked] = server.asked
    assert asked.target == "/securetoken.googleapis.com/v1/token?key=k-web"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.body == b"grant_type=refresh_token&refresh_token=r%2B%26%3D%C3%A9"


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (400, "INVALID_LOGIN_CREDENTIALS", InvalidCredentials),
        (400, "EMAIL_NOT_FOUND", InvalidCredentials),
        (400, "INVALID_PASSWORD", InvalidCredentials),
        (400, "USER_DISABLED", InvalidCredentials),
        (400, "TOKEN_EXPIRED", InvalidCredentials),
        (400, "TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account has been temporarily disabled", TooManyAttempts),
        (429, "RESOURCE_EXHAUSTED", TooManyAttempts),
        (400, "API key not valid. Please pass a valid API key.", Unavailable),
        (400, "PASSWORD_LOGIN_DISABLED", Unavailable),
        (403, "PERMISSION_DENIED", Unavailable),
        (503, "UNAVAILABLE", Unavailable),
    ],
)
async def test_refusals(
    firebase: FirebaseSignIn, server: ScriptedServer, status: int, message: str, error: type[ReelgateError],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    server.script = saying(status, message)
    with caplog.at_level(logging.DEBUG):
        for attempt in (lambda: firebase.sign_in("ada@example.org", PASSWORD), lambda: firebase.refresh(REFRESH_TOKEN)):
            with pytest.raises(ReelgateError) as refused:
                await attempt()
            assert type(refused.value) is error
            assert [secret for secret in SECRETS if secret in f"{refused.value!r} {refused.value}"] == []
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("reelgate")]
    assert bool(ours) == (error is Unavailable)
    assert [secret for secret in SECRETS if secret in "".join(ours)] == []


async def test_every_wrong_credential_is_told_in_the_same_words(firebase: FirebaseSignIn, server: ScriptedServer) -> None:
    told = set()
    for message in ("INVALID_LOGIN_CREDENTIALS", "EMAIL_NOT_FOUND", "USER_DISABLED", "INVALID_EMAIL"):
        server.script = saying(400, message)
        with pytest.raises(InvalidCredentials) as refused:
            await firebase.sign_in("ada@example.org", PASSWORD)
        told.add((refused.value.code, refused.value.message, refused.value.detail))
    assert len(told) == 1


@pytest.mark.parametrize("answer", [None, Answer(200, b"<html>"), Answer(200, b"[]"), Answer(302, b"", {"Location": "/x"})])
async def test_what_is_no_answer_of_firebase(firebase: FirebaseSignIn, server: ScriptedServer, answer: Answer | None) -> None:
    server.script = lambda _: answer
    with pytest.raises(Unavailable) as refused:
        await firebase.sign_in("ada@example.org", PASSWORD)
    assert refused.value.__cause__ is None
    assert len(server.asked) == 1


async def test_a_second_factor_cannot_be_asked_for(firebase: FirebaseSignIn, server: ScriptedServer) -> None:
    server.script = lambda _: Answer(200, json.dumps({"localId": "u1", "mfaPendingCredential": "m"}).encode())
    with pytest.raises(InvalidCredentials):
        await firebase.sign_in("ada@example.org", PASSWORD)


async def test_the_requests_for_mails_are_those_that_are_documented(firebase: FirebaseSignIn, server: ScriptedServer) -> None:
    server.script = lambda _: Answer(200, b'{"email": "ada@example.org"}')
    await firebase.send_password_reset("ada@example.org")
    await firebase.send_verification("t-secret")
    assert [asked.target for asked in server.asked] == ["/identitytoolkit.googleapis.com/v1/accounts:sendOobCode?key=k-web"] * 2
    assert [json.loads(asked.body) for asked in server.asked] == [
        {"requestType": "PASSWORD_RESET", "email": "ada@example.org"},
        {"requestType": "VERIFY_EMAIL", "idToken": "t-secret"},
    ]
    assert not any("authorization" in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "EMAIL_NOT_FOUND"),
        (400, "USER_DISABLED"),
        (400, "INVALID_EMAIL : no domain"),
        (400, "RESET_PASSWORD_EXCEED_LIMIT"),
        (429, "RESOURCE_EXHAUSTED"),
    ],
)
async def test_a_reset_does_not_tell_who_is_registered(
    firebase: FirebaseSignIn, server: ScriptedServer, status: int, message: str
) -> None:
    server.script = saying(status, message)
    await firebase.send_password_reset("ada@example.org")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (400, "TOKEN_EXPIRED", Unauthorized),
        (400, "INVALID_ID_TOKEN", Unauthorized),
        (400, "TOO_MANY_ATTEMPTS_TRY_LATER : Wait", TooManyAttempts),
        (400, "API key not valid. Please pass a valid API key.", Unavailable),
        (503, "UNAVAILABLE", Unavailable),
    ],
)
async def test_a_verification_that_is_refused(
    firebase: FirebaseSignIn, server: ScriptedServer, status: int, message: str, error: type[ReelgateError],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    server.script = saying(status, message)
    with caplog.at_level(logging.DEBUG), pytest.raises(error) as refused:
        await firebase.send_verification("t-secret")
    shown = f"{refused.value!r} {caplog.text}"
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize("answer", [None, Answer(200, b"<html>"), Answer(400, b"[]"), saying(403, "PERMISSION_DENIED")(None)])
async def test_a_mail_that_cannot_be_sent(firebase: FirebaseSignIn, server: ScriptedServer, answer: Answer | None) -> None:
    server.script = lambda _: answer
    for attempt in (firebase.send_password_reset("ada@example.org"), firebase.send_verification("t-secret")):
        with pytest.raises(Unavailable):
            await attempt
