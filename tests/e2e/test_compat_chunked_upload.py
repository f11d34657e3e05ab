"""The client of the older chunked upload service, with curl, as its documentation describes the calls.

Its tokens are RS256 tokens of another, the main service, whose name, audience and key are settings.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.curl import Curl, body
from tests.e2e.own_function import own_function
from tests.fixtures.eventually import eventually

ISSUER, AUDIENCE = "hayula_main_service", "hayula_upload_service"


@pytest.fixture(scope="module")
def main_service_key() -> rsa.RSAPrivateKey:
    """What the main service signs with."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def upload_service(
    cloud: Mapping[str, str], main_service_key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Origin of an `upload` that trusts the main service: MAIN_SERVICE_JWT_PUBLIC_KEY and so on of the older service."""
    pem = main_service_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    issuer = {"issuer": ISSUER, "audience": AUDIENCE, "public_key": pem.decode(), "algorithms": ["RS256"]}
    home = tmp_path_factory.mktemp("upload")
    with own_function(cloud, "upload", home, REELGATE_JWT_ISSUERS=json.dumps([issuer])) as origin:
        yield origin


def token(key: rsa.RSAPrivateKey, user_id: str, **other: Any) -> str:
    """Return the main service's token of a user."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": user_id, "iat": now, "exp": now + 600, **other}
    return jwt.encode(claims, key, algorithm="RS256")


@pytest.fixture
def user_id() -> str:
    """A user of the main service."""
    return f"user-{secrets.token_hex(6)}"


@pytest.fixture
def curl(upload_service: str, main_service_key: rsa.RSAPrivateKey, user_id: str) -> Curl:
    """curl with that user's token."""
    return Curl(upload_service, token(main_service_key, user_id))


@pytest.fixture(scope="module")
def chunks(video: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """An MP3 in ten files."""
    folder = tmp_path_factory.mktemp("chunks")
    with av.open(str(video)) as source, av.open(str(folder / "audio.mp3"), "w") as target:
        stream = target.add_stream("mp3", rate=44100)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    data = (folder / "audio.mp3").read_bytes()
    size = -(-len(data) // 10)
    files = [folder / f"{number}.part" for number in range(10)]
    for number, file in enumerate(files):
        file.write_bytes(data[number * size : (number + 1) * size])
    return files


def begin(curl: Curl, name: str = "audio.mp3") -> str:
    status, answer = curl("POST", "/upload/init", *body(main_service_file_id=123, original_file_name=name))
    assert (status, answer["status"], answer["message"]) == (200, "success", "Upload session initialized."), answer
    session: str = answer["data"]["upload_session_id"]
    return session


def send(curl: Curl, session: str, index: int, chunk: Path) -> tuple[int, Any]:
    form = ("-F", f"upload_session_id={session}", "-F", f"chunk_index={index}", "-F", f"chunk=@{chunk}")
    return curl("POST", "/upload/chunk", *form)


def complete(curl: Curl, session: str, total: int) -> tuple[int, Any]:
    whole = body(upload_session_id=session, total_chunks=total, main_service_file_id=123)
    return curl("POST", "/upload/complete", *whole)


def delete(curl: Curl, session: str) -> tuple[int, Any]:
    return curl("DELETE", "/upload/file", *body(upload_session_id=session))


def stored(cloud: Mapping[str, str], object_name: str) -> httpx.Response:
    """Return what the bucket has under a name, as its operator sees it."""
    bucket = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    return httpx.get(f"{bucket}/{quote(object_name, safe='')}", params={"alt": "media"})


def test_a_file_in_chunks(cloud: Mapping[str, str], curl: Curl, user_id: str, chunks: list[Path]) -> None:
    """Begin, ten chunks at once, complete, list, delete; the main service is told, and files lie under their user's id."""
    session = begin(curl)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda n: send(curl, session, n, chunks[n]), reversed(range(10))))
    assert answers == [(200, {"status": "success", "message": "Chunk uploaded successfully."})] * 10

    status, answer = complete(curl, session, 10)
    assert status == 200, answer
    assert (answer["status"], answer["message"]) == ("success", "File upload completed and main service notified.")
    place = answer["data"]["file_path_on_upload_service"]
    object_name = f"{user_id}/{session}/audio.mp3"
    assert place.endswith(f"/{cloud['REELGATE_MEDIA_BUCKET']}/{object_name}")
    assert stored(cloud, object_name).content == b"".join(chunk.read_bytes() for chunk in chunks)
    assert stored(cloud, f"__parts__/{user_id}/{session}/00000").status_code == 404

    status, answer = curl("GET", "/upload/files")
    assert (status, answer["status"], answer["files"]) == (200, "success", [place])

    def told() -> list[dict[str, Any]]:
        hooks = httpx.get(f"{cloud['REELGATE_MAIL_URL']}/_emulator/webhooks").json()
        return [hook for hook in hooks if hook["verified"] and '"video.ready"' in hook["body"] and user_id in hook["body"]]

    (hook,) = eventually(told, "the main service's webhook")
    assert json.loads(hook["body"])["data"]["main_service_file_id"] == 123

    assert delete(curl, session) == (200, {"status": "success", "message": "File deleted."})
    assert curl("GET", "/upload/files")[1]["files"] == []


def test_a_chunk_may_come_again(cloud: Mapping[str, str], curl: Curl, user_id: str, chunks: list[Path]) -> None:
    session = begin(curl)
    for index in (1, 0, 1, 0):
        assert send(curl, session, index, chunks[index])[0] == 200
    status, answer = complete(curl, session, 3)
    assert (status, answer["code"], answer["missing"]) == (409, "chunks_missing", [2])
    assert complete(curl, session, 2)[0] == 200
    data = stored(cloud, f"{user_id}/{session}/audio.mp3").content
    assert data == chunks[0].read_bytes() + chunks[1].read_bytes()


def test_an_upload_that_is_given_up(cloud: Mapping[str, str], curl: Curl, user_id: str, chunks: list[Path]) -> None:
    session = begin(curl)
    send(curl, session, 0, chunks[0])
    assert delete(curl, session) == (200, {"status": "success", "message": "Upload cancelled."})
    assert curl("GET", "/upload/files")[1]["files"] == []
    eventually(lambda: stored(cloud, f"__parts__/{user_id}/{session}/00000").status_code == 404, "the chunk's end")


def test_users_see_their_own_only(
    upload_service: str, main_service_key: rsa.RSAPrivateKey, curl: Curl, chunks: list[Path]
) -> None:
    session = begin(curl)
    send(curl, session, 0, chunks[0])
    stranger = Curl(upload_service, token(main_service_key, "somebody-else"))
    for status, answer in (send(stranger, session, 1, chunks[1]), complete(stranger, session, 1), delete(stranger, session)):
        assert (status, answer["code"]) == (404, "upload_not_found")
    assert complete(curl, session, 1)[0] == 200
    assert stranger("GET", "/upload/files")[1]["files"] == []


def test_tokens_that_are_not_the_main_service_s(upload_service: str, main_service_key: rsa.RSAPrivateKey, user_id: str) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong = {
        "another key": token(stranger, user_id),
        "another issuer": token(main_service_key, user_id, iss="hayula_other_service"),
        "another audience": token(main_service_key, user_id, aud="hayula_main_service"),
        "expired": token(main_service_key, user_id, exp=int(time.time()) - 60),
        "unsigned": jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": user_id}, None, algorithm="none"),
    }
    routes = [
        ("POST", "/upload/init"),
        ("POST", "/upload/chunk"),
        ("POST", "/upload/complete"),
        ("DELETE", "/upload/file"),
        ("GET", "/upload/files"),
    ]
    for caller in (Curl(upload_service), *(Curl(upload_service, bad) for bad in wrong.values())):
        for method, path in routes:
            status, answer = caller(method, path, *(body() if method != "GET" else ()))
            assert (status, answer["error"]) == (401, "Unauthorized")


def test_input_is_validated(curl: Curl, chunks: list[Path]) -> None:
    for wrong in ({}, {"main_service_file_id": 123}, {"main_service_file_id": 123, "original_file_name": "../../passwd"}):
        status, answer = curl("POST", "/upload/init", *body(**wrong))
        assert (status, answer["code"]) == (400, "invalid_request")
    status, answer = curl("POST", "/upload/init", *body(main_service_file_id=123, original_file_name="program.exe"))
    assert (status, answer["code"]) == (415, "unsupported_type")
    session = begin(curl)
    for form in (("-F", f"chunk=@{chunks[0]}"), ("-F", f"upload_session_id={session}", "-F", f"chunk=@{chunks[0]}")):
        assert curl("POST", "/upload/chunk", *form)[0] == 400
    form = ("-F", f"upload_session_id={session}", "-F", "chunk_index=-1", "-F", f"chunk=@{chunks[0]}")
    assert curl("POST", "/upload/chunk", *form)[1]["field"] == "chunk_index"
    assert send(curl, "0" * 32, 0, chunks[0])[0] == 404
    assert complete(curl, session, 0)[1]["field"] == "total_chunks"
