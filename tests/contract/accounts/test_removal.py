"""Removing a user without the SDK: the same end as in the directory that changes users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud.supervisor.services.environment import PROJECT
from reelgate.adapters.google.access_tokens import AccessToken, AccessTokens
from reelgate.adapters.google.rest import NoAccessToken
from reelgate.adapters.users.firebase_removal import FirebaseRemoval
from reelgate.adapters.users.firebase_rest import identity_toolkit
from reelgate.domain.errors import InvalidCredentials, Unavailable
from reelgate.ports.accounts import UserDirectory
from reelgate.ports.personal_data import UserRemoval
from tests.doubles.memory_directory import MemoryDirectory


async def no_token() -> AccessToken:
    raise NoAccessToken("the emulator needs none")


@pytest.fixture
def removal(directory: UserDirectory, request: pytest.FixtureRequest) -> Iterator[UserRemoval]:
    """The removal from that directory."""
    if isinstance(directory, MemoryDirectory):
        yield directory
        return
    host: str = request.getfixturevalue("auth_host")
    connected = FirebaseRemoval(PROJECT, identity_toolkit(emulator=host, tokens=AccessTokens(no_token)))
    yield connected
    connected.close()


async def test_a_removed_user_is_gone_and_signed_out(directory: UserDirectory, removal: UserRemoval) -> None:
    await directory.create("ada", email="ada@example.org", password="correct horse", username="Ada")
    tokens = await directory.sign_in("ada@example.org", "correct horse")
    for _ in range(2):
        await removal.remove("ada")
    assert await directory.get("ada") is None
    with pytest.raises(InvalidCredentials):
        await directory.sign_in("ada@example.org", "correct horse")
    with pytest.raises(InvalidCredentials):
        await directory.refresh(tokens.refresh_token)


async def test_ids_of_other_issuers_are_nobody(removal: UserRemoval) -> None:
    await removal.remove("")
    await removal.remove("x" * 1000)


async def test_a_directory_that_does_not_answer_is_not_taken_for_an_empty_one() -> None:
    away = FirebaseRemoval(PROJECT, identity_toolkit(emulator="127.0.0.1:1", tokens=AccessTokens(no_token)))
    with pytest.raises(Unavailable):
        await away.remove("ada")
    away.close()
