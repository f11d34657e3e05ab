"""What a directory of users promises."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelgate.domain.errors import EmailTaken, InvalidCredentials, Unauthorized, UserNotFound, WeakPassword
from reelgate.ports.accounts import SignIn, User, UserDirectory
from tests.doubles.memory_directory import MemoryDirectory

EMAIL = "ada@unverified.example"  # the local cloud verifies all others by itself
PASSWORD = "correct horse: bättery 😀"


async def add(directory: UserDirectory, uid: str = "ada", email: str = EMAIL) -> User:
    await directory.create(uid, email=email, password=PASSWORD, username="Ada")
    user = await directory.get(uid)
    assert user is not None
    return user


def said(signed_in: SignIn) -> dict[str, Any]:
    """Return the claims of an ID token, of the emulator or of the one in memory."""
    if signed_in.id_token.startswith("{"):
        return json.loads(signed_in.id_token)  # type: ignore[no-any-return]
    payload = signed_in.id_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))  # type: ignore[no-any-return]


async def assert_ended(directory: UserDirectory, refresh_token: str) -> None:
    """Hold that a session was ended, except in Google's emulator, where refresh tokens outlive all (docs/local-cloud.md)."""
    if isinstance(directory, MemoryDirectory):
        with pytest.raises(InvalidCredentials):
            await directory.refresh(refresh_token)


async def test_a_user_is_as_created(directory: UserDirectory) -> None:
    user = await add(directory)
    assert (user.uid, user.email, user.username, user.role, user.disabled) == ("ada", EMAIL, "Ada", "user", False)
    assert abs(datetime.now(UTC) - user.created_at) < timedelta(minutes=5)
    assert await directory.find(EMAIL) == await directory.find("ADA@unverified.example") == user


async def test_one_address_and_one_uid_are_there_once(directory: UserDirectory) -> None:
    await add(directory)
    for uid, email in (("eve", EMAIL), ("eve", "ADA@unverified.example"), ("ada", "other@example.org"), ("ada", EMAIL)):
        with pytest.raises(EmailTaken):
            await directory.create(uid, email=email, password=PASSWORD, username="Eve")
    assert await directory.get("eve") is None


async def test_a_password_that_is_too_short_for_any_project(directory: UserDirectory) -> None:
    with pytest.raises(WeakPassword) as refused:
        await directory.create("ada", email=EMAIL, password="12345", username="Ada")
    assert "12345" not in f"{refused.value!r}"
    assert await directory.get("ada") is None


async def test_who_is_not_there(directory: UserDirectory) -> None:
    assert await directory.get("nobody") is None
    assert await directory.get("x" * 300) is None  # a foreign subject with a prefix may be as long
    assert await directory.find("nobody@example.org") is None
    await directory.remove("nobody")
    for change in (directory.set_role("nobody", "admin"), directory.set_disabled("nobody", True)):
        with pytest.raises(UserNotFound):
            await change


async def test_many_at_once(directory: UserDirectory) -> None:
    for n in range(3):
        await add(directory, f"u{n}", f"u{n}@example.org")
    unknown = [f"unknown-{n}" for n in range(150)]
    found = await directory.get_many(["u0", *unknown, "u2", "u2", "y" * 200])
    assert sorted(found) == ["u0", "u2"]
    assert await directory.get_many([]) == {}


async def test_signing_in(directory: UserDirectory) -> None:
    await add(directory)
    signed_in = await directory.sign_in(EMAIL, PASSWORD)
    assert (signed_in.uid, signed_in.expires_in) == ("ada", 3600)
    assert (said(signed_in)["sub"], said(signed_in)["name"]) == ("ada", "Ada")
    again = await directory.refresh(signed_in.refresh_token)
    assert (again.uid, said(again)["sub"]) == ("ada", "ada")


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), ("nobody@example.org", PASSWORD), ("no address", PASSWORD), (f"{'0' * 40}@nobody.invalid", "x")],
)
async def test_wrong_credentials(directory: UserDirectory, email: str, password: str) -> None:
    await add(directory)
    with pytest.raises(InvalidCredentials) as refused:
        await directory.sign_in(email, password)
    assert password not in f"{refused.value!r}"


async def test_no_refresh_token(directory: UserDirectory) -> None:
    for token in ("forged", "", "a\nb", "é"):
        with pytest.raises(InvalidCredentials, match="Sign in again"):
            await directory.refresh(token)


async def test_a_role_shows_in_new_tokens_and_can_be_taken_back(directory: UserDirectory) -> None:
    await add(directory)
    refresh_token = (await directory.sign_in(EMAIL, PASSWORD)).refresh_token
    await directory.set_role("ada", "admin")
    user = await directory.get("ada")
    assert user is not None
    assert user.role == "admin"
    assert said(await directory.refresh(refresh_token))["role"] == "admin"
    await directory.set_role("ada", "user")
    assert said(await directory.sign_in(EMAIL, PASSWORD)).get("role", "user") == "user"


async def test_a_disabled_user_is_locked_out_and_let_in_again(directory: UserDirectory) -> None:
    before = await add(directory)
    refresh_token = (await directory.sign_in(EMAIL, PASSWORD)).refresh_token
    for _ in range(2):
        await directory.set_disabled("ada", True)
    user = await directory.get("ada")
    assert user is not None
    assert user.disabled
    assert user.valid_since >= before.valid_since
    with pytest.raises(InvalidCredentials):
        await directory.sign_in(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        await directory.refresh(refresh_token)
    await directory.set_disabled("ada", False)
    assert (await directory.sign_in(EMAIL, PASSWORD)).uid == "ada"


async def test_a_removed_user_leaves_room_for_another(directory: UserDirectory) -> None:
    await add(directory)
    await directory.remove("ada")
    await directory.remove("ada")
    with pytest.raises(InvalidCredentials):
        await directory.sign_in(EMAIL, PASSWORD)
    assert (await add(directory, "eve")).email == EMAIL


async def test_another_password_ends_the_sessions(directory: UserDirectory) -> None:
    before = await add(directory)
    assert not before.email_verified
    refresh_token = (await directory.sign_in(EMAIL, PASSWORD)).refresh_token
    await directory.set_password("ada", "another battery")
    with pytest.raises(InvalidCredentials):
        await directory.sign_in(EMAIL, PASSWORD)
    assert (await directory.sign_in(EMAIL, "another battery")).uid == "ada"
    with pytest.raises(WeakPassword) as refused:
        await directory.set_password("ada", "12345")
    assert "12345" not in f"{refused.value!r}"
    user = await directory.get("ada")
    assert user is not None
    assert user.valid_since >= before.valid_since
    await assert_ended(directory, refresh_token)


async def test_ending_sessions(directory: UserDirectory) -> None:
    before = await add(directory)
    refresh_token = (await directory.sign_in(EMAIL, PASSWORD)).refresh_token
    for _ in range(2):
        await directory.end_sessions("ada")
    await assert_ended(directory, refresh_token)
    user = await directory.get("ada")
    assert user is not None
    assert user.valid_since >= before.valid_since.replace(microsecond=0)
    assert (await directory.sign_in(EMAIL, PASSWORD)).uid == "ada"


async def test_nobody_has_no_password_and_no_sessions(directory: UserDirectory) -> None:
    for change in (directory.set_password("nobody", PASSWORD), directory.end_sessions("nobody")):
        with pytest.raises(UserNotFound):
            await change


async def test_mails_are_sent_to_who_exists(directory: UserDirectory) -> None:
    await add(directory)
    await directory.send_password_reset(EMAIL)
    await directory.send_password_reset("nobody@example.org")
    await directory.send_verification((await directory.sign_in(EMAIL, PASSWORD)).id_token)
    with pytest.raises(Unauthorized):
        await directory.send_verification("forged")
