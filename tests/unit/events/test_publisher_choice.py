"""Which publisher a deployment has, and that the lean one stays lean."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reelgate.adapters.google.pubsub_events import PubsubRestEvents
from reelgate.adapters.google.pubsub_sdk_events import PubsubEvents
from reelgate.bootstrap import CloudServices
from reelgate.config import Settings
from tests.fixtures.openapi_document import ROOT

NEEDED = {
    "GOOGLE_CLOUD_PROJECT": "demo-choice",
    "REELGATE_MEDIA_BUCKET": "demo-choice-media",
    "REELGATE_SIGNER_ACCOUNT": "signer@demo-choice.iam.gserviceaccount.com",
    "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
}


@pytest.mark.parametrize(("client", "kind"), [("", PubsubRestEvents), ("rest", PubsubRestEvents), ("grpc", PubsubEvents)])
async def test_the_setting_chooses(client: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")  # where the SDK looks for itself
    assert type(CloudServices(Settings.from_env({**NEEDED, "REELGATE_PUBSUB_CLIENT": client})).events) is kind


def test_another_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="REELGATE_PUBSUB_CLIENT must be one of rest, grpc"):
        Settings.from_env({**NEEDED, "REELGATE_PUBSUB_CLIENT": "http"})


@pytest.mark.parametrize(
    ("env", "function"),
    [
        ({}, "reelgate"),
        ({"FUNCTION_TARGET": "stream_url"}, "stream_url"),
        ({"K_SERVICE": "stream-url-7", "PUBSUB_EMULATOR_HOST": ""}, "stream-url-7"),
        ({"K_SERVICE": "stream-url-7", "FUNCTION_TARGET": "stream_url", "PUBSUB_EMULATOR_HOST": ""}, "stream_url"),
    ],
)
def test_a_function_knows_its_name(env: dict[str, str], function: str) -> None:
    assert CloudServices(Settings.from_env({**NEEDED, **env})).function == function


def test_publishing_loads_none_of_the_sdk() -> None:
    """Every route tells the audit log: this is on the path of a stream URL's cold start (docs/adr/0005-cold-starts.md)."""
    env = {**NEEDED, "K_SERVICE": "stream_url", "PUBSUB_EMULATOR_HOST": ""}
    script = (
        "import sys\nfrom reelgate.bootstrap import CloudServices\nfrom reelgate.config import Settings\n"
        f"import reelgate.web.videos.stream_routes\nCloudServices(Settings.from_env({env!r})).events\nprint(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "reelgate.adapters.google.pubsub_events" in loaded
    assert not loaded & {"grpc", "google.cloud.pubsub_v1", "google.api_core", "google.auth", "requests", "aiohttp", "httpx"}
