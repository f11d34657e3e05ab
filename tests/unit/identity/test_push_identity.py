"""Whose push requests count. Every refusal starts from a token that is accepted."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from reelgate.adapters.jwt_key_sources import PemKeySource
from reelgate.adapters.jwt_keys import from_pem
from reelgate.adapters.push_identity import PushIdentity
from reelgate.domain.errors import Unauthorized

from .conftest import pem

AUDIENCE = "https://region-project.cloudfunctions.net/notify"
ACCOUNT = "push@project.iam.gserviceaccount.com"


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
    await push_identity(key).verify(jwt.encode(claims(), key, algorithm="RS256"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://region-project.cloudfunctions.net/convert"},
        {"iss": "https://securetoken.google.com/project"},
        {"email": "somebody@project.iam.gserviceaccount.com"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"exp": 1},
    ],
)
async def test_nobody_else_is(key: rsa.RSAPrivateKey, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await push_identity(key).verify(jwt.encode(claims(**wrong), key, algorithm="RS256"))


async def test_unsigned_and_foreign_tokens_are_refused(key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for token in (jwt.encode(claims(), "", algorithm="none"), jwt.encode(claims(), other, algorithm="RS256"), "x"):
        with pytest.raises(Unauthorized):
            await push_identity(key).verify(token)
