"""Removing a user from Firebase Auth over REST without its SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from reelgate.adapters.google.access_tokens import AccessToken, AccessTokens
from reelgate.adapters.users.firebase_removal import FirebaseRemoval
from reelgate.adapters.users.firebase_rest import identity_toolkit
from reelgate.domain.errors import Unavailable
from tests.fixtures.scripted_server import Answer, ScriptedServer, scripted_server
from tests.fixtures.scripted_tokens import answering


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def removal(server: ScriptedServer) -> Iterator[FirebaseRemoval]:
    connected = FirebaseRemoval(
        "p", identity_toolkit(emulator=server.host, tokens=AccessTokens(answering(lambda: AccessToken("t", 3600))))
    )
    yield connected
    connected.close()


def refusal(code: str) -> Answer:
    return Answer(400, json.dumps({"error": {"message": f"{code} : some text"}}).encode())


async def test_a_user_and_one_who_is_gone_already(removal: FirebaseRemoval, server: ScriptedServer) -> None:
    server.script = lambda _: Answer(200, b"{}")
    await removal.remove("ada")
    [asked] = server.asked
    assert asked.target == "/identitytoolkit.googleapis.com/v1/projects/p/accounts:delete"
    assert (asked.headers["authorization"], json.loads(asked.body)) == ("Bearer owner", {"localId": "ada"})
    server.script = lambda _: refusal("USER_NOT_FOUND")
    await removal.remove("ada")


async def test_a_user_of_another_issuer_is_not_asked_for(removal: FirebaseRemoval, server: ScriptedServer) -> None:
    await removal.remove("x" * 129)
    assert not server.asked


@pytest.mark.parametrize("answer", [refusal("PERMISSION_DENIED"), Answer(500, b"{}")])
async def test_any_other_refusal_is_tried_again(removal: FirebaseRemoval, server: ScriptedServer, answer: Answer) -> None:
    server.script = lambda _: answer
    with pytest.raises(Unavailable) as refused:
        await removal.remove("ada")
    assert refused.value.detail == "The account is not deleted completely yet. Try again."
    assert refused.value.hint == f"The directory of users answered HTTP {answer.status}."
