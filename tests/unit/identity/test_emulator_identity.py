"""The Firebase Auth emulator's unsigned tokens, and that they count nowhere else."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from reelgate.adapters.tokens.jwt_identity import EmulatorTokenVerifier, JwtIdentity, jwt_identity
from reelgate.domain.accounts.issuers import firebase_emulator_issuer, firebase_issuer
from reelgate.domain.errors import Unauthorized
from reelgate.ports.identity import Caller

from .conftest import Claims, MakeToken

PROJECT = "demo-reelgate"


def unsigned(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    parts = [header or {"alg": "none", "typ": "JWT"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode() for value in parts) + "."


@pytest.fixture
def emulator_claims() -> Claims:
    """As firebase-tools' Auth emulator writes them."""
    now = int(time.time())
    return {
        "email": "alice@example.org",
        "email_verified": False,
        "auth_time": now,
        "user_id": "a1B2c3",
        "firebase": {"identities": {"email": ["alice@example.org"]}, "sign_in_provider": "password"},
        "iat": now,
        "exp": now + 3600,
        "aud": PROJECT,
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "sub": "a1B2c3",
    }


@pytest.fixture
def local() -> JwtIdentity:
    return jwt_identity([firebase_emulator_issuer(PROJECT)], in_cloud=False)


async def test_emulator_token(local: JwtIdentity, emulator_claims: Claims) -> None:
    caller = await local.verify(unsigned({**emulator_claims, "role": "admin"}))
    assert caller == Caller(uid="a1B2c3", email="alice@example.org", role="admin", issuer=emulator_claims["iss"])


@pytest.mark.parametrize(("claim", "verified"), [(True, True), (False, False), (None, False), ("true", False), (1, False)])
async def test_only_the_claim_itself_says_that_an_address_is_verified(
    local: JwtIdentity, emulator_claims: Claims, claim: object, verified: bool
) -> None:
    caller = await local.verify(unsigned({**emulator_claims, "email_verified": claim}))
    assert caller.email_verified is verified


async def test_an_issuer_can_stand_for_its_addresses(emulator_claims: Claims) -> None:
    issuer = replace(firebase_emulator_issuer(PROJECT), verified_addresses=True)
    del emulator_claims["email_verified"]
    assert (await jwt_identity([issuer], in_cloud=False).verify(unsigned(emulator_claims))).email_verified


async def test_in_production_mode_the_same_token_is_refused(emulator_claims: Claims) -> None:
    production = jwt_identity([firebase_issuer(PROJECT)], in_cloud=False)  # and it does not fetch keys for it
    with pytest.raises(Unauthorized):
        await production.verify(unsigned(emulator_claims))


def test_cannot_be_built_in_the_cloud() -> None:
    with pytest.raises(ValueError, match="never accepted in the cloud"):
        EmulatorTokenVerifier(firebase_emulator_issuer(PROJECT), in_cloud=True)
    with pytest.raises(ValueError, match="never accepted in the cloud"):
        jwt_identity([firebase_emulator_issuer(PROJECT)], in_cloud=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://securetoken.google.com/other"},
        {"aud": "other"},
        {"exp": 5},
        {"iat": int(time.time()) + 3600},
        {"auth_time": int(time.time()) + 3600},
        {"auth_time": "yesterday"},
        {"auth_time": None},
        {"sub": "a/b"},
        {"sub": ""},
    ],
    ids=lambda changes: next(iter(changes)),  # not the times, which are others in another process
)
async def test_claims_are_checked(local: JwtIdentity, emulator_claims: Claims, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await local.verify(unsigned({**emulator_claims, **changes}))


@pytest.mark.parametrize("name", ["exp", "iat", "aud", "sub", "iss", "auth_time"])
async def test_missing_claims(local: JwtIdentity, emulator_claims: Claims, name: str) -> None:
    del emulator_claims[name]
    with pytest.raises(Unauthorized):
        await local.verify(unsigned(emulator_claims))


async def test_signed_tokens_are_not_the_emulators(local: JwtIdentity, emulator_claims: Claims, token: MakeToken) -> None:
    for wrong in (token(emulator_claims), unsigned(emulator_claims) + "AAAA", unsigned(emulator_claims, {"alg": "RS256"})):
        with pytest.raises(Unauthorized):
            await local.verify(wrong)
