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

from reelgate.adapters.signing import v4_canonical as v4
from reelgate.adapters.signing.hmac_signer import HmacSigner, signing_key
from reelgate.adapters.signing.key_file_signer import KeyFileSigner
from reelgate.adapters.signing.v4_draft import HMAC, Drafter
from reelgate.adapters.signing.v4_endpoint import Endpoint, UrlStyle
from reelgate.adapters.signing.v4_signer import url_signer
from reelgate.ports import UrlToSign

from .conftest import ACCOUNT

GOOGLE = Endpoint("https://storage.googleapis.com")
NOW = datetime(2019, 2, 1, 9, tzinfo=UTC)


def wanted(**changes: object) -> UrlToSign:
    fields: dict[str, object] = {"method": "GET", "bucket": "test-bucket", "object_name": "test-object", "expires_seconds": 10}
    return UrlToSign(**{**fields, **changes})  # type: ignore[arg-type]


def hmac_signer(endpoint: Endpoint = GOOGLE) -> HmacSigner:
    return HmacSigner(endpoint=endpoint, access_id="GOOGTESTID", secret="test-secret")


async def test_hmac_known_value() -> None:
    """Secret `test-secret`, id `GOOGTESTID`, otherwise Google's first vector."""
    key = signing_key("test-secret", "20190201").hex()
    assert key.startswith("8482c200")
    assert key.endswith("9316f6")
    draft = Drafter(endpoint=GOOGLE, algorithm=HMAC, signer_id="GOOGTESTID").draft(wanted(), NOW)
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


async def test_a_new_day_has_a_new_key() -> None:
    signer = hmac_signer()
    late = datetime(2019, 2, 1, 23, 59, 59, tzinfo=UTC)
    for instant in (late, late + timedelta(seconds=1), late):  # back again too: clocks are set, instances are many
        assert await signer.signed_url(wanted(), now=instant) == await hmac_signer().signed_url(wanted(), now=instant)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "HEAD"},
        {"bucket": "other-bucket"},
        {"object_name": "other"},
        {"expires_seconds": 11},
        {"headers": {"a": "2"}},
        {"headers": {}},
        {"query": {"b": "2"}},
        {"query": {}},
    ],
    ids=repr,
)
async def test_nothing_of_the_request_before_is_left_over(changes: dict[str, object]) -> None:
    """The signer keeps what neighbouring requests share; a fresh one has nothing to keep."""
    first: dict[str, object] = {"headers": {"a": "1"}, "query": {"b": "1"}}
    signer = hmac_signer()
    await signer.signed_url(wanted(**first), now=NOW)
    second = wanted(**{**first, **changes})
    assert await signer.signed_url(second, now=NOW) == await hmac_signer().signed_url(second, now=NOW)
    later = NOW + timedelta(seconds=1)
    assert await signer.signed_url(second, now=later) == await hmac_signer().signed_url(second, now=later)


async def test_a_mapping_that_changes_later_is_signed_as_it_is() -> None:
    headers = {"a": "1"}
    signer = hmac_signer()
    await signer.signed_url(wanted(headers=headers), now=NOW)
    headers["a"] = "2"
    expected = await hmac_signer().signed_url(wanted(headers={"a": "2"}), now=NOW)
    assert await signer.signed_url(wanted(headers=headers), now=NOW) == expected


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
    ours = KeyFileSigner.from_file(key_file, endpoint=Endpoint(base))
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
        ({"query": {"X-Goog-Expires": "604800"}}, "signer's own"),
        ({"query": {"x-goog-signature": "00"}}, "signer's own"),
        ({"query": {"X-Amz-Date": "x"}}, "signer's own"),
        ({"query": {"": "x"}}, "signer's own"),
    ],
)
async def test_what_is_not_signed(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        await hmac_signer().signed_url(wanted(**changes), now=NOW)


async def test_a_bucket_is_not_signed_after_an_object_either() -> None:
    signer = hmac_signer()
    await signer.signed_url(wanted(), now=NOW)
    with pytest.raises(ValueError, match="object"):
        await signer.signed_url(wanted(object_name=""), now=NOW)


async def test_every_header_is_signed_with_host() -> None:
    url = await hmac_signer().signed_url(wanted(method="PUT", headers={"X-Goog-B": "1", "A": "2"}), now=NOW)
    assert "&X-Goog-SignedHeaders=a%3Bhost%3Bx-goog-b&" in url


@pytest.mark.parametrize(
    ("base", "style", "origin", "host", "path"),
    [
        ("https://storage.googleapis.com", UrlStyle.PATH, "https://storage.googleapis.com", "storage.googleapis.com", "/b-b/o"),
        ("https://a.example:443", UrlStyle.PATH, "https://a.example:443", "a.example", "/b-b/o"),
        ("http://A.example:80/", UrlStyle.PATH, "http://a.example:80", "a.example", "/b-b/o"),
        ("http://a.example:443", UrlStyle.PATH, "http://a.example:443", "a.example:443", "/b-b/o"),
        ("http://127.0.0.1:18301", UrlStyle.PATH, "http://127.0.0.1:18301", "127.0.0.1:18301", "/b-b/o"),
        ("http://[::1]:9000", UrlStyle.PATH, "http://[::1]:9000", "[::1]:9000", "/b-b/o"),
        ("https://s.example:8443", UrlStyle.VIRTUAL_HOSTED, "https://b-b.s.example:8443", "b-b.s.example:8443", "/o"),
        ("https://videos.example", UrlStyle.BUCKET_BOUND, "https://videos.example", "videos.example", "/o"),
    ],
)
def test_addresses(base: str, style: UrlStyle, origin: str, host: str, path: str) -> None:
    """Host is what HTTP clients send: with the port, unless it is the scheme's own."""
    endpoint = Endpoint(base, style)
    assert (*endpoint.server("b-b"), endpoint.path_start("b-b", of_object=True) + "o") == (origin, host, path)


@pytest.mark.parametrize(
    "base", ["storage.googleapis.com", "ftp://a", "https://", "https://a/path", "https://u@a", "https://a?x"]
)
def test_endpoints_that_are_none(base: str) -> None:
    with pytest.raises(ValueError, match="storage endpoint"):
        Endpoint(base)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_encoding_round_trip(text: str) -> None:
    path, part = v4.encode_path(text), v4.encode_query_part(text)
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
    assert repr(KeyFileSigner.from_file(key_file, endpoint=GOOGLE)) == f"KeyFileSigner(account={ACCOUNT!r})"
    broken = tmp_path / "broken.json"
    for contents in (
        json.dumps(key_file_contents)[:-2],
        json.dumps({**key_file_contents, "private_key": "MIIsecret"}),
        json.dumps({"private_key": key_file_contents["private_key"]}),
        "[]",
    ):
        broken.write_text(contents, encoding="utf-8")
        with pytest.raises(ValueError, match="not a service-account key") as caught:
            KeyFileSigner.from_file(broken, endpoint=GOOGLE)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    with pytest.raises(ValueError, match="cannot be read"):
        KeyFileSigner.from_file(tmp_path / "absent.json", endpoint=GOOGLE)


async def test_signer_by_setting(key_file: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    base = "http://127.0.0.1:18301"
    by_hmac = url_signer("hmac", storage_endpoint=base, hmac_access_id="GOOGTESTID", hmac_secret="test-secret")
    assert await by_hmac.signed_url(wanted(), now=NOW) == await hmac_signer(Endpoint(base)).signed_url(wanted(), now=NOW)
    by_file = url_signer("key_file", key_file=str(key_file))
    direct = KeyFileSigner(endpoint=GOOGLE, account=ACCOUNT, private_key=rsa_key)
    assert await by_file.signed_url(wanted(), now=NOW) == await direct.signed_url(wanted(), now=NOW)
    assert urlsplit(await by_file.signed_url(wanted(), now=NOW)).netloc == "storage.googleapis.com"
    assert repr(url_signer("iam", account=ACCOUNT)) == f"IamSigner(account={ACCOUNT!r})"


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("", {}), ("rsa", {}), ("none", {}), ("hmac", {}), ("hmac", {"hmac_access_id": "G"}), ("iam", {}), ("key_file", {}),
     ("iam", {"account": ACCOUNT, "iam_endpoint": "iam.example"})],
)  # fmt: skip
def test_signers_that_cannot_be_made(kind: str, settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"signer is|HMAC key|signBlob|key file|IAM endpoint"):
        url_signer(kind, **settings)
