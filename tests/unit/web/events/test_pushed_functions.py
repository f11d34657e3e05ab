"""The functions that Pub/Sub pushes to, loaded as on Cloud Run, and the two kinds of token that may arrive there."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator

import httpx
import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from functions_framework.aio import create_asgi_app

from reelgate import bootstrap
from reelgate.adapters.tokens import push_identity
from tests.fixtures.function_environments import cloud_environment
from tests.fixtures.openapi_document import ROOT

pytestmark = pytest.mark.usefixtures("freshly_started")

PUSHED = ("audit", "convert", "notify")
NOBODY_S = {"message": {"data": base64.b64encode(b"no message of ours").decode(), "messageId": "1"}, "subscription": "s"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
async def google(key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Google's keys, on this machine."""
    known = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": "1", "use": "sig", "alg": "RS256"}

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": [known]})

    app = web.Application()
    app.router.add_get("/keys", keys)
    async with TestServer(app, host="127.0.0.1") as server:
        monkeypatch.setattr(push_identity, "GOOGLE_KEYS", str(server.make_url("/keys")))
        yield


def served(name: str, monkeypatch: pytest.MonkeyPatch, signature: str) -> tuple[httpx.AsyncClient, dict[str, str]]:
    """Return a client of the function in a default deployment, and the function's environment."""
    env = cloud_environment(name) | {"REELGATE_PUSH_SIGNATURE": signature}
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    app = create_asgi_app(name, str(ROOT / "functions" / name / "main.py"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://function"), env


def pubsub_token(env: dict[str, str], key: rsa.RSAPrivateKey) -> str:
    now = int(time.time())
    times = {"iat": now, "exp": now + 3600}
    claims = {"iss": "https://accounts.google.com", "aud": env["REELGATE_PUSH_AUDIENCE"], "sub": "1", **times}
    email = {"email": env["REELGATE_PUSH_ACCOUNT"], "email_verified": True}
    return jwt.encode({**claims, **email}, key, algorithm="RS256", headers={"kid": "1"})


@pytest.mark.parametrize("name", PUSHED)
@pytest.mark.parametrize(("signature", "status_without"), [("checked", 401), ("platform", 200)])
async def test_both_kinds_of_token(
    name: str, signature: str, status_without: int, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, env = served(name, monkeypatch, signature)
    signed = pubsub_token(env, key)
    head = signed.rpartition(".")[0]
    forged = pubsub_token(env, rsa.generate_private_key(public_exponent=65537, key_size=2048))
    kinds = {
        signed: 200,
        f"{head}.SIGNATURE_REMOVED_BY_GOOGLE": status_without,
        forged: 401,
        f"{head}.": 401,
        f"{head}.c2lnbmF0dXJl": 401,
    }
    async with client:
        for token, status in kinds.items():
            answer = await client.post("/", json=NOBODY_S, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status, answer.text
            if status == 200:
                assert answer.json() == {"result": "ignored"}


async def test_a_token_that_cloud_run_did_not_look_at_does_not_count(
    key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, env = served("audit", monkeypatch, "platform")
    token = f"{pubsub_token(env, key).rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE"
    headers = {"Authorization": f"Bearer {token}", "X-Serverless-Authorization": "Bearer of-somebody-who-may-call"}
    async with client:
        assert (await client.post("/", json=NOBODY_S, headers=headers)).status_code == 401


def test_outside_of_cloud_run_nobody_checks_tokens_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("K_SERVICE", raising=False)
    env = {name: value for name, value in cloud_environment("audit").items() if name != "K_SERVICE"}
    for variable, value in {**env, "REELGATE_PUSH_SIGNATURE": "platform"}.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match="REELGATE_PUSH_SIGNATURE=platform needs Cloud Run"):
        bootstrap.settings()
