"""Keyless signing against a stand-in for signBlob that really signs, and fails when told to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from reelgate.adapters.google.access_tokens import AccessToken, AccessTokens
from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.signing.iam_signer import IAM_RETRIES, IamSigner, connect
from reelgate.adapters.signing.iam_signer import SignBlob as SignBlobClient
from reelgate.adapters.signing.key_signers import KeyFileSigner
from reelgate.domain.errors import Unavailable
from reelgate.ports.storage import UrlToSign
from tests.fixtures.scripted_tokens import answering

from .conftest import ACCOUNT

STORAGE = "https://storage.googleapis.com"
AT_ONCE = replace(IAM_RETRIES, first_pause_seconds=0, deadline_seconds=60, attempt_seconds=60)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WANTED = UrlToSign(method="GET", bucket="test-bucket", object_name="a b.mp4", expires_seconds=3600)


@dataclass
class SignBlob:
    """The IAM Credentials API, as far as it is used."""

    key: rsa.RSAPrivateKey
    url: str = ""
    failures: list[int] = field(default_factory=list)
    body: object = None
    paths: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        self.authorizations.append(request.headers.get("Authorization"))
        if self.failures:
            return web.json_response({"error": {"message": "no"}}, status=self.failures.pop(0))
        if self.body is not None:
            return web.json_response(self.body)
        payload = base64.b64decode((await request.json())["payload"])
        signature = self.key.sign(payload, PKCS1v15(), SHA256())
        return web.json_response({"keyId": "1", "signedBlob": base64.b64encode(signature).decode()})


@pytest.fixture
async def iam(rsa_key: rsa.RSAPrivateKey) -> AsyncIterator[SignBlob]:
    stand_in = SignBlob(rsa_key)
    app = web.Application()
    app.router.add_post("/{path:.*}", stand_in.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        stand_in.url = str(server.make_url("/"))
        yield stand_in


def signer_at(url: str) -> IamSigner:
    return IamSigner(connect(ACCOUNT, endpoint=url), storage_url=STORAGE, account=ACCOUNT, retries=AT_ONCE)


@pytest.fixture
async def signer(iam: SignBlob) -> AsyncIterator[IamSigner]:
    made = signer_at(iam.url)
    yield made
    made.close()


async def test_the_same_url_as_with_the_key_itself(iam: SignBlob, signer: IamSigner) -> None:
    with_key = KeyFileSigner(storage_url=STORAGE, account=ACCOUNT, private_key=iam.key)
    assert await signer.signed_url(WANTED, now=NOW) == await with_key.signed_url(WANTED, now=NOW)
    assert iam.paths == [f"/v1/projects/-/serviceAccounts/{ACCOUNT}:signBlob"]


async def test_a_url_is_signed_once_for_all_who_ask(iam: SignBlob, signer: IamSigner) -> None:
    urls = await asyncio.gather(*(signer.signed_url(WANTED, now=NOW) for _ in range(20)))
    assert {*urls, await signer.signed_url(WANTED, now=NOW)} == {urls[0]}
    assert len(iam.paths) == 1
    await signer.signed_url(WANTED, now=NOW + timedelta(seconds=1))
    assert len(iam.paths) == 2
    assert urls[0][-64:] not in repr(vars(signer))


async def test_no_credentials_go_to_a_plain_http_endpoint(iam: SignBlob, signer: IamSigner) -> None:
    await signer.signed_url(WANTED, now=NOW)
    assert iam.authorizations == [None]


async def test_a_refused_token_is_replaced(iam: SignBlob) -> None:
    """A 401 says that the token is no longer good; the next attempt has a new one."""
    values = iter(("old", "new"))
    tokens = AccessTokens(answering(lambda: AccessToken(next(values), 3600)))
    rest = GoogleRest(iam.url, token=tokens.current, forget_token=tokens.forget)
    signer = IamSigner(SignBlobClient(rest, account=ACCOUNT), storage_url=STORAGE, account=ACCOUNT, retries=AT_ONCE)
    iam.failures = [401]
    assert "&X-Goog-Signature=" in await signer.signed_url(WANTED, now=NOW)
    assert iam.authorizations == ["Bearer old", "Bearer new"]
    signer.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_passing_trouble_is_tried_again(iam: SignBlob, signer: IamSigner, status: int) -> None:
    iam.failures = [status, status]
    assert "&X-Goog-Signature=" in await signer.signed_url(WANTED, now=NOW)
    assert len(iam.paths) == 3


async def test_but_not_for_ever(iam: SignBlob, signer: IamSigner) -> None:
    iam.failures = [503] * 10
    with pytest.raises(Unavailable) as caught:
        await signer.signed_url(WANTED, now=NOW)
    assert len(iam.paths) == IAM_RETRIES.attempts == 3
    assert ACCOUNT not in caught.value.detail


@pytest.mark.parametrize("status", [400, 403, 404, 302])
async def test_a_refusal_is_final(iam: SignBlob, signer: IamSigner, status: int, caplog: pytest.LogCaptureFixture) -> None:
    iam.failures = [status]
    with pytest.raises(Unavailable):
        await signer.signed_url(WANTED, now=NOW)
    assert len(iam.paths) == 1
    assert ("serviceAccountTokenCreator" in caplog.text) == (status in (403, 404))


@pytest.mark.parametrize("body", [{}, {"signedBlob": "%%"}, {"signedBlob": ""}, {"signedBlob": 5}, []])
async def test_an_answer_without_a_signature_is_none(iam: SignBlob, signer: IamSigner, body: object) -> None:
    iam.body = body
    with pytest.raises(Unavailable):
        await signer.signed_url(WANTED, now=NOW)


async def test_nobody_there(rsa_key: rsa.RSAPrivateKey) -> None:
    async with TestServer(web.Application(), host="127.0.0.1") as server:
        gone = str(server.make_url("/"))
    signer = signer_at(gone)
    with pytest.raises(Unavailable):
        await signer.signed_url(WANTED, now=NOW)
    signer.close()


async def test_twelve_hours_at_most(iam: SignBlob, signer: IamSigner) -> None:
    def lasting(seconds: int) -> UrlToSign:
        return UrlToSign(method="GET", bucket="test-bucket", object_name="o", expires_seconds=seconds)

    assert await signer.signed_url(lasting(43_200), now=NOW)
    with pytest.raises(ValueError, match="43200"):
        await signer.signed_url(lasting(43_201), now=NOW)
    assert len(iam.paths) == 1
