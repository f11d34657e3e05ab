"""The setting that says whose tokens count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from reelgate.adapters.tokens.jwt_identity import jwt_identity
from reelgate.config.issuers import parse_issuers
from reelgate.domain.accounts.issuers import IssuerSettings, firebase_issuer

from .conftest import ISSUER, Claims, MakeToken, pem

GOOD = {"issuer": ISSUER, "audience": "reelgate", "jwks_url": "https://issuer-a.example/keys"}


def test_full_item() -> None:
    item = {**GOOD, "algorithms": ["ES256", "RS256"], "role_claim": "roles", "leeway_seconds": 5, "subject_prefix": "a:"}
    assert parse_issuers(json.dumps([item, {"firebase_project": "my-project"}])) == (
        IssuerSettings(
            issuer=ISSUER,
            audience="reelgate",
            jwks_url="https://issuer-a.example/keys",
            algorithms=("ES256", "RS256"),
            role_claim="roles",
            leeway_seconds=5,
            subject_prefix="a:",
        ),
        firebase_issuer("my-project"),
    )


def test_firebase() -> None:
    issuer = firebase_issuer("my-project")
    assert issuer.issuer == "https://securetoken.google.com/my-project"
    assert issuer.audience == "my-project"
    assert issuer.algorithms == ("RS256",)
    assert issuer.jwks_url.startswith("https://www.googleapis.com/service_accounts/v1/jwk/securetoken@")
    assert issuer.require_auth_time
    assert not issuer.unsigned


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"algorithms": ["HS256"]}, "algorithms must be a list of RS256 or ES256"),
        ({"algorithms": ["none"]}, "algorithms must be"),
        ({"algorithms": []}, "algorithms must be"),
        ({"algorithms": "RS256"}, "algorithms must be"),
        ({"algorithms": [["RS256"]]}, "algorithms must be"),
        ({"leeway_seconds": 61}, "leeway_seconds must be a whole number from 0 to 60"),
        ({"leeway_seconds": -1}, "leeway_seconds"),
        ({"leeway_seconds": True}, "leeway_seconds"),
        ({"issuer": ""}, "issuer is missing"),
        ({"audience": ""}, "audience is missing"),
        ({"audience": ["a"]}, "audience must be text"),
        ({"jwks_url": ""}, "exactly one of"),
        ({"public_key": "x"}, "exactly one of"),
        ({"jwks_url": "http://issuer.example/keys"}, "jwks_url must begin with https://"),
        ({"jwks_url": "file:///etc/passwd"}, "jwks_url must begin with https://"),
        ({"unsigned": True}, "unknown field 'unsigned'"),
        ({"require_auth_time": 1}, "require_auth_time must be"),
        ({"verified_addresses": "yes"}, "verified_addresses must be true or false"),
        ({"firebase_project": "p"}, "without other fields"),
    ],
)
def test_problems(item: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match="issuer 0: ") as caught:
        parse_issuers(json.dumps([{**GOOD, **item}]))
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1]", "[" * 100_000])
def test_not_a_list_of_issuers(text: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        parse_issuers(text)


def test_all_problems_at_once() -> None:
    with pytest.raises(ValueError, match="issuer 0") as caught:
        parse_issuers(json.dumps([{**GOOD, "issuer": "", "leeway_seconds": 99}, GOOD, GOOD, 5]))
    for part in ("issuer is missing", "leeway_seconds", "listed twice", "issuer 3: must be an object"):
        assert part in str(caught.value)


def test_an_issuer_counts_once() -> None:
    with pytest.raises(ValueError, match="none of them twice"):
        jwt_identity([firebase_issuer("p"), firebase_issuer("p")], in_cloud=True)


async def test_public_key_file(rsa_key: rsa.RSAPrivateKey, tmp_path: Path, token: MakeToken, claims: Claims) -> None:
    path = tmp_path / "issuer.pub"
    settings = IssuerSettings(issuer=ISSUER, audience="reelgate", public_key_file=str(path))
    with pytest.raises(ValueError, match="cannot be read"):
        jwt_identity([settings], in_cloud=True)
    path.write_text(pem(rsa_key))
    assert (await jwt_identity([settings], in_cloud=True).verify(token(claims))).uid == "alice"
