"""Whose push requests count. Every refusal starts from a token that is accepted."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from reelgate.adapters.tokens.jwt_keys import PemKeySource, from_pem
from reelgate.adapters.tokens.push_identity import REMOVED, PushIdentity
from reelgate.domain.errors import Unauthorized

from .conftest import pem

AUDIENCE = "https://region-project.cloudfunctions.net/notify"
ACCOUNT = "push@project.iam.gserviceaccount.com"
FUTURE = 32_503_680_000
WRONG: tuple[dict[str, Any], ...] = (
    {"aud": "https://region-project.cloudfunctions.net/convert"},
    {"iss": "https://securetoken.google.com/project"},
    {"email": "somebody@project.iam.gserviceaccount.com"},
    {"email": None},
    {"email_verified": False},
    {"email_verified": "true"},
    {"exp": 1},
)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "sub": "1", "iat": now, "exp": now + 3600}
    return {**usual, "email": ACCOUNT, "email_verified": True, **more}


def push_identity(key: rsa.RSAPrivateKey) -> PushIdentity:
    return PushIdentity(audience=AUDIENCE, account=ACCOUNT, keys=PemKeySource(from_pem(pem(key).encode())))


async def test_the_subscription_s_account_is_let_in(key: rsa.RSAPrivateKey) -> None:
    await push_identity(key).verify(jwt.encode(claims(), key, algorithm="RS256"), seen_by_platform=True)


@pytest.mark.parametrize("wrong", WRONG)
async def test_nobody_else_is(key: rsa.RSAPrivateKey, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await push_identity(key).verify(jwt.encode(claims(**wrong), key, algorithm="RS256"), seen_by_platform=True)


async def test_unsigned_and_foreign_tokens_are_refused(key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for token in (jwt.encode(claims(), "", algorithm="none"), jwt.encode(claims(), other, algorithm="RS256"), "x"):
        with pytest.raises(Unauthorized):
            await push_identity(key).verify(token, seen_by_platform=True)


def without_signature(key: rsa.RSAPrivateKey, **wrong: Any) -> str:
    """Return a token as Cloud Run may hand it on. Claims that are None are left out."""
    given = {name: value for name, value in claims(**wrong).items() if value is not None}
    return f"{jwt.encode(given, key, algorithm='RS256').rpartition('.')[0]}.{REMOVED}"


def behind_iam(key: rsa.RSAPrivateKey) -> PushIdentity:
    keys = PemKeySource(from_pem(pem(key).encode()))
    return PushIdentity(audience=AUDIENCE, account=ACCOUNT, platform_checks=True, keys=keys)


async def test_a_removed_signature_counts_only_where_the_platform_checks_tokens(key: rsa.RSAPrivateKey) -> None:
    await behind_iam(key).verify(without_signature(key), seen_by_platform=True)
    with pytest.raises(Unauthorized):
        await push_identity(key).verify(without_signature(key), seen_by_platform=True)
    with pytest.raises(Unauthorized):
        await behind_iam(key).verify(without_signature(key), seen_by_platform=False)


@pytest.mark.parametrize("wrong", [*WRONG, {"exp": None}, {"iat": None}, {"iat": FUTURE}, {"nbf": FUTURE}, {"sub": None}])
async def test_without_its_signature_all_else_of_a_token_must_hold(key: rsa.RSAPrivateKey, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await behind_iam(key).verify(without_signature(key, **wrong), seen_by_platform=True)


async def test_only_the_very_word_stands_for_a_signature(key: rsa.RSAPrivateKey) -> None:
    head = without_signature(key).rpartition(".")[0]
    for third in ("", "x", REMOVED.lower(), f"{REMOVED}_", REMOVED[:-1], f"{REMOVED}.{REMOVED}"):
        with pytest.raises(Unauthorized):
            await behind_iam(key).verify(f"{head}.{third}", seen_by_platform=True)


async def test_the_header_of_a_token_without_signature_is_one_of_google_s(key: rsa.RSAPrivateKey) -> None:
    body = without_signature(key).split(".")[1]
    for header in ({"alg": "none"}, {"alg": "HS256"}, {"typ": "JWT"}, {"alg": "RS256", "crit": ["x"]}):
        head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
        with pytest.raises(Unauthorized):
            await behind_iam(key).verify(f"{head}.{body}.{REMOVED}", seen_by_platform=True)


async def test_signed_tokens_are_checked_here_wherever_the_service_is(key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    await behind_iam(key).verify(jwt.encode(claims(), key, algorithm="RS256"), seen_by_platform=True)
    with pytest.raises(Unauthorized):
        await behind_iam(key).verify(jwt.encode(claims(), other, algorithm="RS256"), seen_by_platform=True)


async def test_each_instance_says_once_which_kind_arrives(key: rsa.RSAPrivateKey, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "reelgate")
    signed, bare = jwt.encode(claims(), key, algorithm="RS256"), without_signature(key)
    identity, strict = behind_iam(key), push_identity(key)
    for _ in range(2):
        await identity.verify(bare, seen_by_platform=True)
        await identity.verify(signed, seen_by_platform=True)
        with pytest.raises(Unauthorized):
            await strict.verify(bare, seen_by_platform=True)
    told = [(record.levelname, record.json_fields["push_signature"]) for record in caplog.records]  # type: ignore[attr-defined]
    assert told == [("INFO", "removed"), ("INFO", "checked"), ("WARNING", "refused")]
    assert "REELGATE_PUSH_SIGNATURE=platform" in caplog.text
    assert bare not in caplog.text
