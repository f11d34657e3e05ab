"""Which client the books use, and that the lean one stays lean."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from reelgate.adapters.books.firestore_rest_books import FirestoreRestBooks
from reelgate.adapters.documents.firestore_books import FirestoreBooks
from reelgate.bootstrap import CloudServices
from reelgate.config import Settings
from tests.fixtures.openapi_document import ROOT
from tests.fixtures.scripted_server import Answer, scripted_server

NEEDED = {
    "GOOGLE_CLOUD_PROJECT": "demo-choice",
    "REELGATE_MEDIA_BUCKET": "demo-choice-media",
    "REELGATE_SIGNER_ACCOUNT": "signer@demo-choice.iam.gserviceaccount.com",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
}


@pytest.mark.parametrize(("client", "kind"), [("", FirestoreRestBooks), ("rest", FirestoreRestBooks), ("grpc", FirestoreBooks)])
async def test_the_setting_chooses(client: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")  # where the SDK looks for itself
    books = CloudServices(Settings.from_env({**NEEDED, "REELGATE_FIRESTORE_CLIENT": client})).books
    assert type(books) is kind


async def test_in_the_cloud_tokens_come_from_the_metadata_server() -> None:
    token = json.dumps({"access_token": "ya29.here", "expires_in": 3000}).encode()
    with scripted_server() as server:
        server.script = lambda _: Answer(200, token, {"Metadata-Flavor": "Google"})
        env = {**NEEDED, "K_SERVICE": "stream_url", "FIRESTORE_EMULATOR_HOST": "", "GCE_METADATA_HOST": server.host}
        tokens = CloudServices(Settings.from_env(env))._access_tokens
        assert [tokens.current() for _ in range(3)] == ["ya29.here"] * 3
        assert len(server.asked) == 1


def loaded_for(env: Mapping[str, str]) -> set[str]:
    """Return the modules that a fresh process has loaded once its books are there."""
    script = (
        "import sys\nfrom reelgate.bootstrap import CloudServices\nfrom reelgate.config import Settings\n"
        f"CloudServices(Settings.from_env({dict(env)!r})).books\nprint(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("cloud", [False, True])
def test_the_lean_books_load_none_of_the_sdk(cloud: bool) -> None:
    """What a cold start is short by (docs/adr/0005-cold-starts.md)."""
    in_cloud = {"K_SERVICE": "stream_url", "FIRESTORE_EMULATOR_HOST": ""} if cloud else {}
    loaded = loaded_for({**NEEDED, **in_cloud})
    assert "reelgate.adapters.books.firestore_rest_books" in loaded
    assert not loaded & {"grpc", "google.cloud.firestore", "google.api_core", "google.auth", "requests", "aiohttp", "httpx"}
