"""Where tokens come from: the metadata server's protocol, and how its failures end."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reelgate.adapters.google.access_tokens import default_credentials, metadata_server
from reelgate.adapters.google.rest import NoAccessToken
from tests.fixtures.scripted_server import Answer, ScriptedServer, scripted_server

GOOGLE = {"Metadata-Flavor": "Google", "Content-Type": "application/json"}
TOKEN = json.dumps({"access_token": "ya29.secret", "expires_in": 3599, "token_type": "Bearer"}).encode()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


async def test_the_metadata_server_is_asked_as_documented(server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    server.script = lambda _: Answer(200, TOKEN, GOOGLE)
    with caplog.at_level(logging.DEBUG):
        token = await metadata_server(server.host)()
    assert (token.value, token.lifetime_seconds) == ("ya29.secret", 3599.0)
    [asked] = server.asked
    assert (asked.method, asked.target) == ("GET", "/computeMetadata/v1/instance/service-accounts/default/token")
    assert asked.headers["metadata-flavor"] == "Google"
    assert "ya29" not in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, b"no account", GOOGLE),
        Answer(503, TOKEN, GOOGLE),
        Answer(200, TOKEN),  # whoever this is, it is no metadata server
        Answer(302, b"", {**GOOGLE, "Location": "https://elsewhere.example/"}),
        Answer(200, b"ya29.secret, but not JSON", GOOGLE),
        Answer(200, b"[]", GOOGLE),
        Answer(200, b'{"access_token": "ya29.secret"}', GOOGLE),
        Answer(200, b'{"access_token": "ya29.secret", "expires_in": "soon"}', GOOGLE),
        None,
    ],
    ids=str,
)
async def test_anything_else_gives_no_token_and_shows_none(server: ScriptedServer, answer: Answer | None) -> None:
    server.script = lambda _: answer
    with pytest.raises(NoAccessToken) as failed:
        await metadata_server(server.host)()
    assert "ya29" not in f"{failed.value}{failed.value.__cause__}"
    assert len(server.asked) == 1


async def test_a_metadata_server_that_is_not_there_gives_no_token() -> None:
    with pytest.raises(NoAccessToken):
        await metadata_server("127.0.0.1:1", timeout_seconds=1)()


async def test_missing_credentials_of_a_developer_are_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nothing.json"))
    with pytest.raises(NoAccessToken, match="Application Default Credentials"):
        await default_credentials("https://www.googleapis.com/auth/datastore")()


async def test_a_developers_key_file_gives_tokens(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"type": "service_account", "client_email": "dev@demo.iam.gserviceaccount.com", "private_key": pem}
    path = tmp_path / "key.json"
    path.write_text(json.dumps({**account, "token_uri": f"http://{server.host}/token"}), encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo")
    server.script = lambda _: Answer(200, TOKEN, GOOGLE)
    token = await default_credentials("https://www.googleapis.com/auth/datastore")()
    assert token.value == "ya29.secret"
    assert 3500 < token.lifetime_seconds <= 3600
    assert [asked.target for asked in server.asked] == ["/token"]
