"""Keys over HTTP, from a real server that the tests make misbehave."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from reelgate.adapters.tokens.jwt_identity import jwt_identity
from reelgate.adapters.tokens.jwt_keys import (
    FetchFailed,
    JwksKeySource,
    VerifyingKey,
    from_jwks,
    from_pem,
    jwks_fetch,
    max_age,
)
from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.errors import Unauthorized, Unavailable
from tests.fixtures.scripted_server import Answer, Asked, scripted_server

from .conftest import ISSUER, Claims, MakeToken, jwk


@dataclass
class KeyServer:
    """An issuer's key endpoint."""

    keys: list[dict[str, Any]]
    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": "public, max-age=600, must-revalidate"})
    requests: int = 0
    targets: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests += 1
        self.targets.append(request.raw_path)
        self.authorizations.append(request.headers.get("Authorization"))
        return web.json_response({"keys": self.keys}, status=self.status, headers=self.headers)


@pytest.fixture
async def server(rsa_key: rsa.RSAPrivateKey) -> AsyncIterator[KeyServer]:
    keys = KeyServer(keys=[jwk(rsa_key, "key-1", alg="RS256")])
    app = web.Application()
    app.router.add_get("/keys", keys.answer)
    async with TestServer(app, host="127.0.0.1") as running:
        keys.url = str(running.make_url("/keys"))
        yield keys


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_token_verified_with_fetched_keys(server: KeyServer, token: MakeToken, claims: Claims) -> None:
    settings = IssuerSettings(issuer=ISSUER, audience="reelgate", jwks_url=server.url)
    identity = jwt_identity([settings], in_cloud=True)
    assert (await identity.verify(token(claims))).uid == "alice"
    for kid in ("unknown", None):
        with pytest.raises(Unauthorized):
            await identity.verify(token(claims, kid=kid))
    assert server.requests == 1


async def test_concurrent_callers_share_one_fetch(server: KeyServer) -> None:
    source = JwksKeySource(jwks_fetch(server.url))
    found = await asyncio.gather(*(source.key("key-1") for _ in range(50)))
    assert all(found)
    assert server.requests == 1


async def test_unknown_ids_refetch_once_a_minute(server: KeyServer, clock: Clock, ec_key: ec.EllipticCurvePrivateKey) -> None:
    source = JwksKeySource(jwks_fetch(server.url), clock=clock)
    assert await source.key("key-1")
    server.keys.append(jwk(ec_key, "key-2"))
    clock.now += 59
    assert await source.key("key-2") is None
    assert server.requests == 1
    clock.now += 1
    assert await source.key("key-2") == VerifyingKey("ES256", ec_key.public_key())
    for _ in range(10):
        assert await source.key("nonsense") is None
    assert server.requests == 2


async def test_max_age_is_kept_and_removed_keys_go(server: KeyServer, clock: Clock) -> None:
    source = JwksKeySource(jwks_fetch(server.url), clock=clock)
    await source.key("key-1")
    server.keys[0]["kid"] = "key-9"
    clock.now += 599
    assert await source.key("key-1")
    assert server.requests == 1
    clock.now += 1
    assert await source.key("key-1") is None
    assert await source.key("key-9")
    assert server.requests == 2


async def test_outage(server: KeyServer, clock: Clock) -> None:
    source = JwksKeySource(jwks_fetch(server.url), clock=clock)
    server.status = 500
    with pytest.raises(Unavailable):
        await source.key("key-1")
    with pytest.raises(Unavailable):  # at once: the issuer is not asked again so soon
        await source.key("key-1")
    assert server.requests == 1
    server.status = 200
    clock.now += 5
    assert await source.key("key-1")
    server.status = 500
    clock.now += 600 + 3599
    assert await source.key("key-1")  # for an hour the old keys serve on
    clock.now += 1
    with pytest.raises(Unavailable):
        await source.key("key-1")


async def test_redirects_are_not_followed(server: KeyServer) -> None:
    server.status = 302
    server.headers = {"Location": server.url}
    with pytest.raises(FetchFailed):
        await jwks_fetch(server.url)()
    assert server.requests == 1


async def test_endless_answers_are_refused(server: KeyServer) -> None:
    server.keys[0]["filler"] = "x" * 300_000
    with pytest.raises(FetchFailed):
        await jwks_fetch(server.url)()


async def test_no_token_is_sent(server: KeyServer) -> None:
    await jwks_fetch(f"{server.url}?format=jwk")()
    assert (server.targets, server.authorizations) == (["/keys?format=jwk"], [None])


async def test_fetching_does_not_block_the_loop() -> None:
    released = threading.Event()

    def answer_when_released(_: Asked) -> Answer:
        assert released.wait(timeout=20)
        return Answer(500)

    with scripted_server() as slow:
        slow.script = answer_when_released
        waiting = asyncio.create_task(jwks_fetch(f"http://{slow.host}/keys")())
        await asyncio.sleep(0)  # the task runs up to its fetch; were that to block, this would never go on
        released.set()
        with pytest.raises(FetchFailed, match="HTTP 500"):
            await waiting


async def test_an_answer_that_is_no_key_set_is_refused() -> None:
    with scripted_server() as other:
        for body in (b"<html>", b"[" * 100_000, b"{}"):
            other.script = lambda _, body=body: Answer(200, body)
            with pytest.raises(FetchFailed):
                await jwks_fetch(f"http://{other.host}/keys")()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=21600", 21600),
        ("public, max-age=60, must-revalidate", 60),
        ("Max-Age=5", 5),
        ("s-maxage=10", 300),
        ("no-cache", 0),
        ("no-store, max-age=100", 0),
        ("max-age=999999999", 86400),
        ("max-age=-1", 300),
        ("", 300),
    ],
)
def test_max_age(header: str, seconds: int) -> None:
    assert max_age(header) == seconds


def test_only_usable_keys_are_taken(rsa_key: rsa.RSAPrivateKey, ec_key: ec.EllipticCurvePrivateKey) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    private = {**jwk(rsa_key, "private"), **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key))}
    document = {
        "keys": [
            jwk(rsa_key, "good"),
            jwk(ec_key, "good-ec"),
            jwk(weak, "weak"),
            private,
            jwk(ec.generate_private_key(ec.SECP384R1()), "p384"),
            jwk(rsa_key, "for-encryption", use="enc"),
            jwk(rsa_key, "other-algorithm", alg="RS512"),
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"},
            {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
            {"kty": "RSA"},
            "nonsense",
        ]
    }
    keys = from_jwks(document)
    assert {kid: found.algorithm for kid, found in keys.items()} == {"good": "RS256", "good-ec": "ES256"}


@pytest.mark.parametrize(
    "document", [None, [], {}, {"keys": {}}, {"keys": []}, {"keys": [{"kty": "oct", "kid": "1", "k": "YQ"}]}]
)
def test_no_usable_keys(document: object) -> None:
    with pytest.raises(ValueError, match="JWK set"):
        from_jwks(document)


def test_pem_must_be_a_public_key() -> None:
    with pytest.raises(ValueError, match="not PEM"):
        from_pem(b"secret")
