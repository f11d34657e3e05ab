"""Two issuers with keys of their own, and tokens that are right unless a test makes them wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reelgate.adapters.tokens.jwt_identity import JwtIdentity, jwt_identity
from reelgate.domain.accounts.issuers import IssuerSettings

ISSUER = "https://issuer-a.example"
OTHER_ISSUER = "https://issuer-b.example"

Claims = dict[str, Any]
MakeToken = Callable[..., str]


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def claims() -> Claims:
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": "reelgate",
        "sub": "alice",
        "iat": now - 10,
        "exp": now + 3600,
        "email": "alice@example.org",
    }


@pytest.fixture
def other_claims(claims: Claims) -> Claims:
    return {**claims, "iss": OTHER_ISSUER, "aud": "other-audience", "sub": "bob"}


@pytest.fixture
def identity(rsa_key: rsa.RSAPrivateKey, ec_key: ec.EllipticCurvePrivateKey) -> JwtIdentity:
    """Issuer A signs with RS256, issuer B with ES256. No leeway, so that a second counts."""
    return jwt_identity(
        [
            IssuerSettings(issuer=ISSUER, audience="reelgate", public_key=pem(rsa_key), leeway_seconds=0),
            IssuerSettings(
                issuer=OTHER_ISSUER, audience="other-audience", algorithms=("ES256",), public_key=pem(ec_key), leeway_seconds=0
            ),
        ],
        in_cloud=True,
    )


@pytest.fixture
def token(rsa_key: rsa.RSAPrivateKey) -> MakeToken:
    """Sign claims as issuer A does, also ones that PyJWT's own `encode` would refuse."""

    def make(claims: Claims, *, kid: str | None = "key-1", **header: Any) -> str:
        headers = {"typ": "JWT", **({"kid": kid} if kid else {}), **header}
        return jwt.PyJWS().encode(json.dumps(claims).encode(), rsa_key, algorithm="RS256", headers=headers)

    return make
