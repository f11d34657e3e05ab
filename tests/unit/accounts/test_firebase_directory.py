"""What Firebase Auth says about a new user that its emulator never does, told by its code and not by its words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from reelgate.adapters.users.firebase_directory import FirebaseDirectory, connect
from reelgate.domain.errors import InvalidRequest, ReelgateError, Unavailable, WeakPassword
from tests.fixtures.scripted_server import Answer, ScriptedServer, scripted_server

EMAIL, PASSWORD = "password@example.org", "correct horse"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def directory(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[FirebaseDirectory]:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", server.host)
    connected = connect("p", api_key="any", emulator=server.host)
    yield connected
    connected.close()


@pytest.mark.parametrize(
    ("message", "error", "field"),
    [
        ("WEAK_PASSWORD : Password should be at least 6 characters", WeakPassword, "password"),
        ("PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing requirements: [Upper case]", WeakPassword, "password"),
        ("INVALID_EMAIL", InvalidRequest, "email"),
        ("INVALID_EMAIL : this is no address, whatever its password", InvalidRequest, "email"),
        ("PASSWORD_LOGIN_DISABLED", Unavailable, None),
        ("OPERATION_NOT_ALLOWED : The password provider is disabled", Unavailable, None),
        ("", Unavailable, None),
    ],
)
async def test_refusals_are_known_by_their_code(
    directory: FirebaseDirectory,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    message: str,
    error: type[ReelgateError],
    field: str | None,
) -> None:
    server.script = lambda _: Answer(400, json.dumps({"error": {"code": 400, "message": message}}).encode())
    with pytest.raises(error) as refused:
        await directory.create("ada", email=EMAIL, password=PASSWORD, username="Ada")
    assert type(refused.value) is error
    assert getattr(refused.value, "field", None) == field
    assert PASSWORD not in repr(refused.value) + caplog.text
    faults = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(faults) == (error is Unavailable)


@pytest.mark.parametrize("body", [b"[]", b'{"error": "no"}', b"<html>password</html>"])
async def test_an_answer_of_somebody_else_is_nobody_s_fault(
    directory: FirebaseDirectory, server: ScriptedServer, body: bytes
) -> None:
    server.script = lambda _: Answer(400, body)
    with pytest.raises(Unavailable):
        await directory.create("ada", email=EMAIL, password=PASSWORD, username="Ada")


@pytest.mark.parametrize(
    ("email", "password", "error"),
    [("no address", PASSWORD, InvalidRequest), (EMAIL, "12345", WeakPassword)],
)
async def test_what_the_sdk_refuses_is_not_asked(
    directory: FirebaseDirectory, server: ScriptedServer, email: str, password: str, error: type[ReelgateError]
) -> None:
    with pytest.raises(error):
        await directory.create("ada", email=email, password=password, username="Ada")
    assert server.asked == []
