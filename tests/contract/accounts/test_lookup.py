"""What asking about a user promises: the same answers as the directory that changes users, and what was changed at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud.supervisor.services.environment import PROJECT
from reelgate.adapters.google.access_tokens import AccessToken, AccessTokens
from reelgate.adapters.google.rest import NoAccessToken
from reelgate.adapters.users.firebase_lookup import FirebaseLookup
from reelgate.adapters.users.firebase_rest import identity_toolkit
from reelgate.ports.accounts import UserDirectory, UserLookup
from tests.doubles.memory_directory import MemoryDirectory


@pytest.fixture
def lookup(directory: UserDirectory, request: pytest.FixtureRequest) -> Iterator[UserLookup]:
    """The look-up in that directory."""
    if isinstance(directory, MemoryDirectory):
        yield directory
        return

    async def no_token() -> AccessToken:
        raise NoAccessToken("the emulator needs none")

    host: str = request.getfixturevalue("auth_host")
    connected = FirebaseLookup(PROJECT, identity_toolkit(emulator=host, tokens=AccessTokens(no_token)))
    yield connected
    connected.close()


async def test_it_says_what_the_directory_says(directory: UserDirectory, lookup: UserLookup) -> None:
    assert lookup.issuer == directory.issuer
    await directory.create("ada", email="ada@example.org", password="correct horse", username="Ada")
    assert await lookup.get("ada") == await directory.get("ada")
    await directory.set_role("ada", "admin")
    await directory.set_disabled("ada", True)
    user = await lookup.get("ada")
    assert user == await directory.get("ada") == await lookup.find("ADA@example.org")
    assert user is not None
    assert (user.role, user.disabled) == ("admin", True)
    await directory.remove("ada")
    assert await lookup.get("ada") is None


async def test_who_is_not_there(lookup: UserLookup) -> None:
    assert await lookup.get("nobody") is None
    assert await lookup.get("x" * 300) is None
    assert await lookup.find("nobody@example.org") is None
