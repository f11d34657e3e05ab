"""Which tokens say who somebody is. Every refusal starts from a token that is accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from reelgate.adapters.tokens.jwt_identity import JwtIdentity, jwt_identity
from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.errors import Unauthorized
from reelgate.ports.identity import Caller

from .conftest import ISSUER, OTHER_ISSUER, Claims, MakeToken, pem


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def refusal(identity: JwtIdentity, token: str) -> str | None:
    with pytest.raises(Unauthorized) as caught:
        await identity.verify(token)
    assert caught.value.__cause__ is None  # nothing that could quote the token is carried along
    return caught.value.hint


async def test_caller(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    assert await identity.verify(token(claims)) == Caller(uid="alice", email="alice@example.org", role="user", issuer=ISSUER)


async def test_the_time_of_issue_is_known_of_remembered_tokens_too(
    identity: JwtIdentity, token: MakeToken, claims: Claims
) -> None:
    made = token(claims)
    expected = (await identity.inspect(made)).issued_at
    assert [(await identity.verify(made)).issued_at for _ in range(2)] == [expected, expected]


async def test_each_issuer_has_its_own_key_and_algorithm(
    identity: JwtIdentity, ec_key: ec.EllipticCurvePrivateKey, other_claims: Claims
) -> None:
    caller = await identity.verify(jwt.encode(other_claims, ec_key, algorithm="ES256"))
    assert caller.uid == "bob"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("admin", "admin"),
        ("user", "user"),
        ("ADMIN", "user"),
        ("root", "user"),
        (True, "user"),
        (["admin"], "user"),
        (None, "user"),
    ],
)
async def test_role(identity: JwtIdentity, token: MakeToken, claims: Claims, role: object, expected: str) -> None:
    assert (await identity.verify(token({**claims, "role": role}))).role == expected


@pytest.mark.parametrize("email", [None, 5, ["a@b"], "", "x" * 321])
async def test_email_is_text_or_absent(identity: JwtIdentity, token: MakeToken, claims: Claims, email: object) -> None:
    assert (await identity.verify(token({**claims, "email": email}))).email is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_unsigned_is_refused(identity: JwtIdentity, token: MakeToken, claims: Claims, algorithm: str) -> None:
    signature = token(claims).rpartition(".")[2]
    for tail in ("", signature):
        await refusal(identity, f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'key-1'})}.{part(claims)}.{tail}")


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
async def test_hmac_with_the_public_key_is_refused(
    identity: JwtIdentity, rsa_key: rsa.RSAPrivateKey, claims: Claims, algorithm: str
) -> None:
    signed = f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'key-1'})}.{part(claims)}"
    mac = hmac.digest(pem(rsa_key).encode(), signed.encode(), hashlib.sha256)
    await refusal(identity, f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
async def test_algorithms_that_are_not_the_issuers_are_refused(
    identity: JwtIdentity, rsa_key: rsa.RSAPrivateKey, claims: Claims, algorithm: str
) -> None:
    await refusal(identity, jwt.encode(claims, rsa_key, algorithm=algorithm))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://somebody-else.example"},
        {"iss": ISSUER + "/"},
        {"iss": [ISSUER]},
        {"iss": None},
        {"aud": "other-audience"},
        {"aud": ""},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"exp": "soon"},
        {"exp": str(int(time.time()) + 3600)},
        {"iat": True},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 129},
        {"sub": "a/b"},
        {"sub": "."},
        {"sub": ".."},
        {"sub": "__reserved__"},
        {"sub": "line\nbreak"},
        {"sub": "nul\x00"},
        {"sub": "lone\ud800"},
    ],
    ids=lambda changes: next(iter(changes)),  # not the times, which are others in another process
)
async def test_wrong_claims_are_refused(
    identity: JwtIdentity, token: MakeToken, claims: Claims, changes: dict[str, Any]
) -> None:
    assert await identity.verify(token(claims))
    assert await refusal(identity, token({**claims, **changes})) == "The token is not valid here."


@pytest.mark.parametrize("sub", ["x", "x" * 128, "auth0|5f", "Zoë", "..a", "__half", "a.b"])
async def test_subjects_that_can_be_uids(identity: JwtIdentity, token: MakeToken, claims: Claims, sub: str) -> None:
    assert (await identity.verify(token({**claims, "sub": sub}))).uid == sub


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "aud", "sub"])
async def test_missing_claim(identity: JwtIdentity, token: MakeToken, claims: Claims, name: str) -> None:
    del claims[name]
    await refusal(identity, token(claims))


async def test_expired(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    expired = token({**claims, "exp": int(time.time()) - 1})
    assert await refusal(identity, expired) == "The token has expired."


async def test_leeway(rsa_key: rsa.RSAPrivateKey, token: MakeToken, claims: Claims) -> None:
    settings = IssuerSettings(issuer=ISSUER, audience="reelgate", public_key=pem(rsa_key), leeway_seconds=60)
    lenient = jwt_identity([settings], in_cloud=True)
    now = int(time.time())
    assert (await lenient.verify(token({**claims, "exp": now - 30, "iat": now + 30}))).uid == "alice"
    await refusal(lenient, token({**claims, "exp": now - 90}))
    await refusal(lenient, token({**claims, "iat": now + 90}))


async def test_changed_payload(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    header, _, signature = token(claims).split(".")
    await refusal(identity, f"{header}.{part({**claims, 'sub': 'bob'})}.{signature}")


async def test_changed_signature(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    head, _, signature = token(claims).rpartition(".")
    await refusal(identity, f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}")
    await refusal(identity, f"{head}.")


async def test_one_issuers_key_does_not_sign_for_another(
    identity: JwtIdentity, token: MakeToken, ec_key: ec.EllipticCurvePrivateKey, claims: Claims, other_claims: Claims
) -> None:
    await refusal(identity, token(other_claims))
    await refusal(identity, jwt.encode(claims, ec_key, algorithm="ES256"))


async def test_same_algorithm_other_issuers_key(rsa_key: rsa.RSAPrivateKey, token: MakeToken, claims: Claims) -> None:
    second_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    both = jwt_identity(
        [
            IssuerSettings(issuer=ISSUER, audience="reelgate", public_key=pem(rsa_key)),
            IssuerSettings(issuer=OTHER_ISSUER, audience="reelgate", public_key=pem(second_key)),
        ],
        in_cloud=True,
    )
    as_b = {**claims, "iss": OTHER_ISSUER}
    assert await both.verify(jwt.encode(as_b, second_key, algorithm="RS256"))
    await refusal(both, token(as_b))


async def test_keys_that_a_token_brings_along_are_ignored(identity: JwtIdentity, claims: Claims) -> None:
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
    headers = {"jwk": own_jwk, "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert", "kid": "key-1"}
    await refusal(identity, jwt.encode(claims, own, algorithm="RS256", headers=headers))


async def test_critical_extensions_are_refused(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    await refusal(identity, token(claims, crit=["exp"]))


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b",
        "Bearer x.y.z",
        "é.é.é",
        "\ud800.a.a",
        f"{part([])}.{part({})}.AAAA",
        f"{part({'alg': 'RS256'})}.{part([1])}.AAAA",
        f"{part({'alg': 'RS256'})}.{base64.urlsafe_b64encode(b'[' * 4000).decode().rstrip('=')}.AAAA",
        f"{part({'alg': 'RS256'})}.{base64.urlsafe_b64encode(bytes([255, 254])).decode().rstrip('=')}.AAAA",
        f"{part({'alg': ['RS256']})}.{part({'iss': ISSUER})}.AAAA",
        f"{part({'alg': 'RS256'})}.{part({'iss': {}})}.AAAA",
    ],
    ids=lambda text: ascii(text)[:20],
)
async def test_garbage(identity: JwtIdentity, garbage: str) -> None:
    detail = await refusal(identity, garbage)
    assert not garbage or garbage not in detail or garbage == "."


async def test_oversized_is_not_even_looked_at(identity: JwtIdentity, token: MakeToken, claims: Claims) -> None:
    fits = token({**claims, "filler": "x" * 5000})
    assert len(fits) < 8192
    assert await identity.verify(fits)
    big = token({**claims, "filler": "x" * 8000})
    assert await refusal(identity, big) == "The token is longer than 8192 characters."


async def test_subject_prefix_keeps_issuers_apart(rsa_key: rsa.RSAPrivateKey, token: MakeToken, claims: Claims) -> None:
    settings = IssuerSettings(issuer=ISSUER, audience="reelgate", public_key=pem(rsa_key), subject_prefix="corp:")
    assert (await jwt_identity([settings], in_cloud=True).verify(token(claims))).uid == "corp:alice"


async def test_without_a_role_claim_nobody_is_admin(rsa_key: rsa.RSAPrivateKey, token: MakeToken, claims: Claims) -> None:
    settings = IssuerSettings(issuer=ISSUER, audience="reelgate", public_key=pem(rsa_key), role_claim="")
    verifier = jwt_identity([settings], in_cloud=True)
    assert (await verifier.verify(token({**claims, "role": "admin", "": "admin"}))).role == "user"


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
async def test_a_gateway_s_own_token_is_nobody_s(identity: JwtIdentity, token: MakeToken, claims: Claims, issuer: str) -> None:
    """API Gateway's, when its caller sent none: whoever reads the answer has to send a token, not to sign in again."""
    with pytest.raises(Unauthorized, match="Sign in first"):
        await identity.verify(token({**claims, "iss": issuer}))
    with pytest.raises(Unauthorized, match="Sign in first"):  # as Cloud Run may hand it on
        await identity.verify(f"{token({**claims, 'iss': issuer}).rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE")
    with pytest.raises(Unauthorized, match="Sign in again"):
        await identity.verify(f"{token(claims).rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE")
    with pytest.raises(Unauthorized, match="Sign in again"):
        await identity.verify(token({**claims, "iss": f"{issuer}.evil.example"}))
    with pytest.raises(Unauthorized, match="Sign in again"):
        await identity.verify(token({**claims, "iss": [issuer]}))
