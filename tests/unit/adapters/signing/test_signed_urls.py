"""The signers' promises, from the specification and against google-cloud-storage as a second opinion."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud.storage._signing import generate_signed_url_v4
from google.oauth2.service_account import Credentials
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.google.access_tokens import AccessToken, AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.signing import iam_signer, v4
from reelgate.adapters.signing.key_signers import HmacSigner, KeyFileSigner, hmac_signing_key
from reelgate.bootstrap.media_services import url_signer
from reelgate.config import Settings
from reelgate.ports.storage import UrlSigner, UrlToSign
from tests.fixtures.scripted_tokens import answering

from .conftest import ACCOUNT

GOOGLE = "https://storage.googleapis.com"
NOW = datetime(2019, 2, 1, 9, tzinfo=UTC)


def wanted(**changes: object) -> UrlToSign:
    fields: dict[str, object] = {"method": "GET", "bucket": "test-bucket", "object_name": "test-object", "expires_seconds": 10}
    return UrlToSign(**{**fields, **changes})  # type: ignore[arg-type]


def hmac_signer(storage_url: str = GOOGLE) -> HmacSigner:
    return HmacSigner(storage_url=storage_url, access_id="GOOGTESTID", secret="test-secret")


async def test_hmac_known_value() -> None:
    """Secret `test-secret`, id `GOOGTESTID`, otherwise Google's first vector."""
    key = hmac_signing_key("test-secret", "20190201").hex()
    assert key.startswith("8482c200")
    assert key.endswith("9316f6")
    signer = v4.Signer(v4.HMAC, "GOOGTESTID")
    draft = v4.draft(wanted(), NOW, signer=signer, server=v4.storage_server(GOOGLE), path=v4.path_of(wanted()))
    canonical_hash = draft.string_to_sign.split("\n")[3]
    assert canonical_hash.startswith("392c2502")
    assert canonical_hash.endswith("2dd1")
    url = await hmac_signer().signed_url(wanted(), now=NOW)
    assert url == (
        "https://storage.googleapis.com/test-bucket/test-object?X-Goog-Algorithm=GOOG4-HMAC-SHA256"
        "&X-Goog-Credential=GOOGTESTID%2F20190201%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20190201T090000Z"
        "&X-Goog-Expires=10&X-Goog-SignedHeaders=host"
        "&X-Goog-Signature=0d1f23f091b0a2bc171325db6fd9d8e6c56d706f39d7853b15179294be9ee7a3"
    )


def test_only_iam_is_asked_over_the_network(key_file: Path) -> None:
    remote = iam_signer.IamSigner(
        iam_signer.connect(ACCOUNT, endpoint="http://127.0.0.1:1"), storage_url=GOOGLE, account=ACCOUNT
    )
    signers: list[UrlSigner] = [hmac_signer(), KeyFileSigner.from_file(key_file, storage_url=GOOGLE), remote]
    assert [signer.signs_locally for signer in signers] == [True, True, False]


async def test_a_new_day_has_a_new_key() -> None:
    signer = hmac_signer()
    late = datetime(2019, 2, 1, 23, 59, 59, tzinfo=UTC)
    for instant in (late, late + timedelta(seconds=1), late):  # back again too: clocks are set, instances are many
        assert await signer.signed_url(wanted(), now=instant) == await hmac_signer().signed_url(wanted(), now=instant)


async def test_the_instant_is_told_in_utc() -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert await hmac_signer().signed_url(wanted(), now=paris) == await hmac_signer().signed_url(wanted(), now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        await hmac_signer().signed_url(wanted(), now=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "request_",
    [
        wanted(),
        wanted(method="HEAD"),
        wanted(method="PUT", headers={"Content-Type": "video/mp4", "x-goog-content-length-range": "0,5"}),
        wanted(method="DELETE", query={"generation": "1700000000000001"}),
        wanted(
            method="POST", headers={"x-goog-resumable": "start", "X-Goog-Meta-Upload-Id": "u1", "content-type": "video/mp4"}
        ),
        wanted(object_name="uid/file/Ünïcode & (1)+#?;=,.mp4"),
        wanted(object_name="/leading//double"),
        wanted(query={"response-content-disposition": "attachment; filename*=UTF-8''a%20b.mp4"}),
        wanted(headers={"x-goog-meta-a": "  two   spaces\tand tab "}),
        wanted(expires_seconds=604800),
    ],
    ids=lambda request: f"{request.method}-{request.object_name[:9]}-{len(request.headers)}-{len(request.query)}",
)
@pytest.mark.parametrize("base", ["https://storage.googleapis.com", "http://127.0.0.1:18301"])
async def test_the_same_url_as_google_cloud_storage(
    request_: UrlToSign, base: str, key_file: Path, key_file_contents: dict[str, str]
) -> None:
    """RSA PKCS#1 v1.5 is deterministic, so the whole URLs must be equal, signature and all."""
    theirs = generate_signed_url_v4(
        Credentials.from_service_account_info(key_file_contents),  # type: ignore[no-untyped-call]
        resource=f"/{request_.bucket}/{quote(request_.object_name, safe='/~')}",
        expiration=timedelta(seconds=request_.expires_seconds),
        api_access_endpoint=base,
        method=request_.method,
        headers=dict(request_.headers),
        query_parameters=dict(request_.query),
        _request_timestamp="20190201T090000Z",
    )
    ours = KeyFileSigner.from_file(key_file, storage_url=base)
    assert await ours.signed_url(request_, now=NOW) == theirs


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expires_seconds": 0}, "expires_seconds"),
        ({"expires_seconds": 604801}, "expires_seconds"),
        ({"expires_seconds": 1.5}, "expires_seconds"),
        ({"expires_seconds": True}, "expires_seconds"),
        ({"method": "PATCH"}, "cannot be signed"),
        ({"method": "get"}, "cannot be signed"),
        ({"method": "POST"}, "x-goog-resumable"),
        ({"method": "POST", "headers": {"x-goog-resumable": "stop"}}, "x-goog-resumable"),
        ({"method": "PUT", "headers": {"X-Goog-Resumable": "start"}}, "x-goog-resumable"),
        ({"object_name": ""}, "object"),
        ({"bucket": ""}, "bucket"),
        ({"bucket": "a/b"}, "bucket"),
        ({"bucket": "ex.com?x"}, "bucket"),
        ({"headers": {"Host": "evil.example"}}, "Host"),
        ({"headers": {"x-a": "b\r\nx-c: d"}}, "characters"),
        ({"headers": {"x-a\n": "b"}}, "characters"),
        ({"headers": {"x-a:b": "c"}}, "characters"),
        ({"headers": {"": "c"}}, "characters"),
        ({"headers": {"x-a": "ü"}}, "characters"),
        ({"headers": {"x-a": "1", "X-A": "2"}}, "twice"),
        ({"query": {"X-Goog-Expires": "604800"}}, "set by the signer"),
        ({"query": {"x-goog-signature": "00"}}, "set by the signer"),
        ({"query": {"X-Amz-Date": "x"}}, "set by the signer"),
        ({"query": {"": "x"}}, "set by the signer"),
    ],
)
async def test_what_is_not_signed(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        await hmac_signer().signed_url(wanted(**changes), now=NOW)


async def test_every_header_is_signed_with_host() -> None:
    url = await hmac_signer().signed_url(wanted(method="PUT", headers={"X-Goog-B": "1", "A": "2"}), now=NOW)
    assert "&X-Goog-SignedHeaders=a%3Bhost%3Bx-goog-b&" in url


@pytest.mark.parametrize(
    ("base", "origin", "host"),
    [
        ("https://storage.googleapis.com", "https://storage.googleapis.com", "storage.googleapis.com"),
        ("https://a.example:443", "https://a.example:443", "a.example"),
        ("http://A.example:80/", "http://a.example:80", "a.example"),
        ("http://a.example:443", "http://a.example:443", "a.example:443"),
        ("http://127.0.0.1:18301", "http://127.0.0.1:18301", "127.0.0.1:18301"),
        ("http://[::1]:9000", "http://[::1]:9000", "[::1]:9000"),
    ],
)
def test_addresses(base: str, origin: str, host: str) -> None:
    """Host is what HTTP clients send: with the port, unless it is the scheme's own."""
    assert v4.storage_server(base) == (origin, host)


@pytest.mark.parametrize(
    "base", ["storage.googleapis.com", "ftp://a", "https://", "https://a/path", "https://u@a", "https://a?x"]
)
def test_endpoints_that_are_none(base: str) -> None:
    with pytest.raises(ValueError, match="storage endpoint"):
        v4.storage_server(base)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_encoding_round_trip(text: str) -> None:
    path, part = v4.encode_path(text), v4.query_pair(text, text).partition("=")[0]
    assert unquote(path, errors="strict") == unquote(part, errors="strict") == text
    assert "/" not in part
    assert path.count("/") == text.count("/")
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%")
    assert set(part) <= allowed
    assert path.replace("/", "%2F") == part


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_query_says_what_it_was_given(query: dict[str, str]) -> None:
    pairs = v4.canonical_query(v4.query_pair(name, value) for name, value in query.items())
    assert dict(parse_qsl(pairs, keep_blank_values=True)) == query
    assert pairs.split("&") == sorted(pairs.split("&"))


@pytest.mark.parametrize(
    ("headers", "canonical"),
    [
        ([("B", "2"), ("a", "1")], [("a", "1"), ("b", "2")]),
        ([("A", "one"), ("b", "x"), ("a", "two")], [("a", "one,two"), ("b", "x")]),
        ([("a", "\t x \t y  ")], [("a", "x y")]),
        ([("a", "p ,  q,r")], [("a", "p , q,r")]),
        ([("a", "")], [("a", "")]),
    ],
)
def test_canonical_headers(headers: list[tuple[str, str]], canonical: list[tuple[str, str]]) -> None:
    assert v4.canonical_headers(headers) == canonical


def test_secrets_are_not_shown(key_file: Path, key_file_contents: dict[str, str], tmp_path: Path) -> None:
    hmac_one = hmac_signer()
    assert "test-secret" not in repr(hmac_one) + str(hmac_one)
    assert repr(KeyFileSigner.from_file(key_file, storage_url=GOOGLE)) == f"KeyFileSigner(account={ACCOUNT!r})"
    broken = tmp_path / "broken.json"
    for contents in (
        json.dumps(key_file_contents)[:-2],
        json.dumps({**key_file_contents, "private_key": "MIIsecret"}),
        json.dumps({"private_key": key_file_contents["private_key"]}),
        "[]",
    ):
        broken.write_text(contents, encoding="utf-8")
        with pytest.raises(ValueError, match="not a service-account key") as caught:
            KeyFileSigner.from_file(broken, storage_url=GOOGLE)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    with pytest.raises(ValueError, match="cannot be read"):
        KeyFileSigner.from_file(tmp_path / "absent.json", storage_url=GOOGLE)


def by_setting(**settings: str) -> UrlSigner:
    env = {"GOOGLE_CLOUD_PROJECT": "demo-reelgate", "REELGATE_MEDIA_BUCKET": "demo-reelgate-media", **settings}
    tokens = AccessTokens(answering(lambda: AccessToken("t", 3600)))
    return url_signer(Settings.from_env(env), tokens=tokens, connections=Connections())


async def test_signer_by_setting(key_file: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    base = "http://127.0.0.1:18301"
    key = {"REELGATE_HMAC_ACCESS_ID": "GOOGTESTID", "REELGATE_HMAC_SECRET": "test-secret"}
    by_hmac = by_setting(REELGATE_SIGNER="hmac", STORAGE_EMULATOR_HOST=base, **key)
    assert await by_hmac.signed_url(wanted(), now=NOW) == await hmac_signer(base).signed_url(wanted(), now=NOW)
    by_file = by_setting(REELGATE_SIGNER="key_file", REELGATE_SIGNER_KEY_FILE=str(key_file))
    direct = KeyFileSigner(storage_url=GOOGLE, account=ACCOUNT, private_key=rsa_key)
    assert await by_file.signed_url(wanted(), now=NOW) == await direct.signed_url(wanted(), now=NOW)
    assert urlsplit(await by_file.signed_url(wanted(), now=NOW)).netloc == "storage.googleapis.com"
    assert repr(by_setting(REELGATE_SIGNER_ACCOUNT=ACCOUNT)) == f"IamSigner(account={ACCOUNT!r})"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"REELGATE_SIGNER": "none"}, "set iam, hmac or key_file"),
        ({"REELGATE_SIGNER_ACCOUNT": "nobody"}, "signBlob needs the e-mail address"),
        ({"REELGATE_SIGNER_ACCOUNT": ACCOUNT, "REELGATE_IAM_ENDPOINT": "iam.example"}, "IAM endpoint"),
        ({"REELGATE_SIGNER": "key_file", "REELGATE_SIGNER_KEY_FILE": "/absent.json"}, "key file cannot be read"),
    ],
)
def test_signers_that_cannot_be_made(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        by_setting(**settings)


def test_half_an_hmac_key_is_none() -> None:
    for access_id, secret in (("GOOGTESTID", ""), ("", "test-secret")):
        with pytest.raises(ValueError, match="HMAC key"):
            HmacSigner(storage_url=GOOGLE, access_id=access_id, secret=secret)


def test_no_credentials_are_assumed_for_google() -> None:
    with pytest.raises(ValueError, match="access tokens"):
        iam_signer.connect(ACCOUNT)
