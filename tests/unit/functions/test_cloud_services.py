"""What a function on Google Cloud is made of."""

from __future__ import annotations

import json

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.firestore_store import TIMEOUT_SECONDS, FirestoreDocumentStore
from reelgate.adapters.records.audit_log import DocumentAuditLog
from reelgate.bootstrap import CloudServices
from reelgate.config import Settings
from tests.fixtures.scripted_server import Answer, scripted_server

NEEDED = {
    "GOOGLE_CLOUD_PROJECT": "demo-choice",
    "REELGATE_MEDIA_BUCKET": "demo-choice-media",
    "REELGATE_SIGNER_ACCOUNT": "signer@demo-choice.iam.gserviceaccount.com",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
}


def test_the_books_are_in_firestore() -> None:
    books = CloudServices(Settings.from_env(NEEDED)).books
    assert isinstance(books, DocumentBooks)
    assert isinstance(books.documents, FirestoreDocumentStore)


@pytest.mark.parametrize(("emulator", "longer"), [("127.0.0.1:1", True), ("", False)])
def test_only_the_emulator_may_take_long_to_search_the_audit_log(emulator: str, longer: bool) -> None:
    log = CloudServices(
        Settings.from_env({**NEEDED, "FIRESTORE_EMULATOR_HOST": emulator, "K_SERVICE": "" if longer else "x"})
    ).audit_log
    assert isinstance(log, DocumentAuditLog)
    assert isinstance(log._documents, FirestoreDocumentStore)
    assert (log._documents._timeout_seconds > TIMEOUT_SECONDS) is longer


async def test_in_the_cloud_tokens_come_from_the_metadata_server() -> None:
    token = json.dumps({"access_token": "ya29.here", "expires_in": 3000}).encode()
    with scripted_server() as server:
        server.script = lambda _: Answer(200, token, {"Metadata-Flavor": "Google"})
        env = {**NEEDED, "K_SERVICE": "stream_url", "FIRESTORE_EMULATOR_HOST": "", "GCE_METADATA_HOST": server.host}
        tokens = CloudServices(Settings.from_env(env))._access_tokens
        assert [await tokens.current() for _ in range(3)] == ["ya29.here"] * 3
        assert len(server.asked) == 1


@pytest.mark.parametrize(("given", "url"), [("", ""), ("https://api.example/", "https://api.example")])
def test_a_function_knows_where_the_api_is(given: str, url: str) -> None:
    assert CloudServices(Settings.from_env({**NEEDED, "REELGATE_API_URL": given})).api_url == url


@pytest.mark.parametrize(
    ("env", "function"),
    [
        ({}, "reelgate"),
        ({"FUNCTION_TARGET": "stream_url"}, "stream_url"),
        ({"K_SERVICE": "stream-url-7", "FIRESTORE_EMULATOR_HOST": ""}, "stream-url-7"),
        ({"K_SERVICE": "stream-url-7", "FUNCTION_TARGET": "stream_url", "FIRESTORE_EMULATOR_HOST": ""}, "stream_url"),
    ],
)
def test_a_function_knows_its_name(env: dict[str, str], function: str) -> None:
    assert CloudServices(Settings.from_env({**NEEDED, **env})).function == function
