"""Tokens of a foreign main service, as chunked upload took them: RS256, an issuer, an audience, and a public key."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.own_function import own_function
from tests.e2e.people import Person

ISSUER, AUDIENCE = "https://main-service.example", "file-upload-service"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem() -> str:
    """Return what the older chunked upload service has in MAIN_SERVICE_JWT_PUBLIC_KEY."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def token(subject: str, *, key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 600, "email": "ada@main.example"}
    kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(kept, key, algorithm)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign")


@pytest.fixture(scope="module")
def functions(cloud: Mapping[str, str], home: Path) -> Iterator[dict[str, str]]:
    """The origins of `upload` and `accounts` with that issuer beside the cloud's own."""
    issuer = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "public_key": public_pem(),
        "role_claim": "role",
        "subject_prefix": "main-",
    }
    setting = json.dumps([issuer])
    for name in ("upload", "accounts"):
        (home / name).mkdir()
    with (
        own_function(cloud, "upload", home / "upload", REELGATE_JWT_ISSUERS=setting) as upload,
        own_function(cloud, "accounts", home / "accounts", REELGATE_JWT_ISSUERS=setting) as accounts,
    ):
        yield {"upload": upload, "accounts": accounts}


def client(origin: str, bearer: str) -> httpx.Client:
    return httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {bearer}"}, timeout=60)


@pytest.fixture
def subject() -> str:
    return secrets.token_hex(6)


def test_its_users_upload_and_are_known(functions: dict[str, str], subject: str) -> None:
    with client(functions["upload"], token(subject)) as api, client(functions["accounts"], token(subject)) as me:
        granted = api.post("/upload", json={"filename": "a.mp4", "size": 1000, "content_type": "video/mp4"})
        assert granted.status_code == 201, granted.text
        sent = httpx.request(granted.json()["method"], granted.json()["upload_url"], headers=granted.json()["headers"])
        assert httpx.put(sent.headers["location"], content=b"v" * 1000).status_code == 200
        assert me.get("/me").json()["uid"] == f"main-{subject}"
        valid = me.post("/validate").json()
        assert (valid["uid"], valid["email"], valid["issuer"]) == (f"main-{subject}", "ada@main.example", ISSUER)


def test_admins_see_limit_and_disable_them(functions: dict[str, str], subject: str, admin: Person) -> None:
    uid, new = f"main-{subject}", {"filename": "a.mp4", "size": 1000, "content_type": "video/mp4"}
    with client(functions["upload"], token(subject)) as api, client(functions["accounts"], token(subject)) as me:
        assert api.post("/upload", json=new).status_code == 201
        shown = admin.api.get(f"/admin/users/{uid}").json()
        assert (shown["email"], shown["role"], shown["reserved"]) == ("ada@main.example", None, 1000)
        foreign = admin.api.patch(f"/admin/users/{uid}", json={"role": "admin"})
        assert (foreign.status_code, foreign.json()["code"]) == (409, "foreign_user")
        assert admin.api.patch(f"/admin/users/{uid}", json={"disabled": True}).json()["disabled"] is True
        refused = api.post("/upload", json={**new, "filename": "b.mp4"})
        assert (refused.status_code, refused.json()["code"]) == (403, "account_disabled")
        assert me.post("/validate").status_code == 401


def test_its_admins_are_admins(functions: dict[str, str], subject: str) -> None:
    with client(functions["accounts"], token(subject, role="admin")) as boss:
        assert boss.get("/admin/users", params={"limit": 1}).status_code == 200
    with client(functions["accounts"], token(subject, role="owner")) as user:
        assert user.get("/admin/users").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": OTHER_KEY},
        {"key": "a secret that is long enough to sign with", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
        {"iss": "https://other.example"},
        {"aud": "another-service"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"sub": "a/b"},
    ],
)
def test_what_it_did_not_sign_is_nobody_s(functions: dict[str, str], wrong: dict[str, Any]) -> None:
    for name, path in (("upload", "/v1/uploads"), ("accounts", "/me")):
        with client(functions[name], token("ada", **wrong)) as api:
            answer = api.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
