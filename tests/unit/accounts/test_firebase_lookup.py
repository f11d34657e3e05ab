"""What Firebase Auth says of a user, asked over REST without its SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from reelgate.adapters.google.access_tokens import AccessToken, AccessTokens
from reelgate.adapters.users.firebase_lookup import FirebaseLookup
from reelgate.adapters.users.firebase_rest import identity_toolkit
from reelgate.domain.errors import Unavailable
from reelgate.ports.accounts import User
from tests.fixtures.scripted_server import Answer, ScriptedServer, scripted_server
from tests.fixtures.scripted_tokens import answering

ADA = {
    "localId": "ada",
    "email": "ada@example.org",
    "emailVerified": True,
    "displayName": "Ada",
    "customAttributes": '{"role": "admin", "other": 1}',
    "createdAt": "1762171200000",
    "validSince": "1762171260",
}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def lookup(server: ScriptedServer) -> Iterator[FirebaseLookup]:
    connected = FirebaseLookup(
        "p", identity_toolkit(emulator=server.host, tokens=AccessTokens(answering(lambda: AccessToken("t", 3600))))
    )
    yield connected
    connected.close()


async def test_a_user_as_they_are(lookup: FirebaseLookup, server: ScriptedServer) -> None:
    server.script = lambda _: Answer(200, json.dumps({"users": [ADA]}).encode())
    created = datetime(2025, 11, 3, 12, tzinfo=UTC)
    assert await lookup.get("ada") == User(
        uid="ada",
        email="ada@example.org",
        email_verified=True,
        username="Ada",
        role="admin",
        disabled=False,
        created_at=created,
        valid_since=created.replace(minute=1),
    )
    [asked] = server.asked
    assert asked.target == "/identitytoolkit.googleapis.com/v1/projects/p/accounts:lookup"
    assert (asked.headers["authorization"], json.loads(asked.body)) == ("Bearer owner", {"localId": ["ada"]})
    assert lookup.issuer == "https://securetoken.google.com/p"


@pytest.mark.parametrize(
    ("more", "role", "disabled"),
    [
        ({"customAttributes": "{}"}, "user", False),
        ({"customAttributes": ""}, "user", False),
        ({"customAttributes": '{"role": "ADMIN"}'}, "user", False),
        ({"disabled": True}, "admin", True),
    ],
)
async def test_roles_and_locks(
    lookup: FirebaseLookup, server: ScriptedServer, more: dict[str, object], role: str, disabled: bool
) -> None:
    server.script = lambda _: Answer(200, json.dumps({"users": [{**ADA, **more}]}).encode())
    user = await lookup.get("ada")
    assert user is not None
    assert (user.role, user.disabled) == (role, disabled)


async def test_a_user_by_their_address(lookup: FirebaseLookup, server: ScriptedServer) -> None:
    server.script = lambda _: Answer(200, json.dumps({"users": [{**ADA, "localId": "eve", "email": None}, ADA]}).encode())
    user = await lookup.find("Ada@Example.org")
    assert user is not None
    assert user.uid == "ada"
    [asked] = server.asked
    assert json.loads(asked.body) == {"email": ["ada@example.org"]}
    assert await lookup.find("bob@example.org") is None


@pytest.mark.parametrize("content", [{}, {"users": []}, {"users": [{**ADA, "localId": "eve"}]}])
async def test_nobody(lookup: FirebaseLookup, server: ScriptedServer, content: dict[str, object]) -> None:
    server.script = lambda _: Answer(200, json.dumps(content).encode())
    assert await lookup.get("ada") is None


async def test_what_can_be_no_uid_there_is_not_asked(lookup: FirebaseLookup, server: ScriptedServer) -> None:
    assert await lookup.get("") is await lookup.get("x" * 129) is None
    assert server.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, b'{"error": {"code": 403}}'),
        Answer(503, b"{}"),
        Answer(200, b"<html>"),
        Answer(200, b"[]"),
        Answer(200, b'{"users": [{}]}'),
        Answer(200, b'{"users": [{"localId": "ada", "customAttributes": "{"}]}'),
        None,
    ],
)
async def test_no_clear_answer_lets_nobody_in(lookup: FirebaseLookup, server: ScriptedServer, answer: Answer | None) -> None:
    server.script = lambda _: answer
    with pytest.raises(Unavailable):
        await lookup.get("ada")
    with pytest.raises(Unavailable):
        await lookup.find("ada@example.org")
