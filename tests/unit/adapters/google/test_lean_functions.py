"""What a function loads before its first answer: one small client, and none of Google's SDKs (docs/adr/0017)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest

from tests.fixtures.openapi_document import ROOT
from tests.fixtures.scripted_server import Answer, scripted_server

ACCOUNT = "signer@demo-lean.iam.gserviceaccount.com"
HEAVY = {"grpc", "google.api_core", "google.auth", "google.cloud.storage", "requests", "aiohttp", "httpx", "firebase_admin"}
SIGN = """
import asyncio, sys
from datetime import UTC, datetime
from reelgate.bootstrap import CloudServices
from reelgate.config import Settings
from reelgate.ports.storage import UrlToSign
import reelgate.web.compat.videos.stream_routes, reelgate.web.compat.uploads.upload_routes
services = CloudServices(Settings.from_env({env!r}))
services.books, services.events, services.audit_log, services.identity, services.user_lookup, services.rate_limiter
wanted = UrlToSign(method="GET", bucket="demo-lean-media", object_name="a.mp4", expires_seconds=60)
print(asyncio.run(services.signer.signed_url(wanted, now=datetime.now(UTC))))
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Sign by IAM, the default, in a fresh process with everything that a request needs before; return its modules."""
    signature = json.dumps({"keyId": "1", "signedBlob": base64.b64encode(b"signed").decode()}).encode()
    with scripted_server() as iam:
        iam.script = lambda _: Answer(200, signature)
        env = {
            "GOOGLE_CLOUD_PROJECT": "demo-lean",
            "REELGATE_MEDIA_BUCKET": "demo-lean-media",
            "REELGATE_SIGNER_ACCOUNT": ACCOUNT,
            "REELGATE_IAM_ENDPOINT": f"http://{iam.host}",
            "K_SERVICE": "stream_url",
        }
        run = subprocess.run(
            [sys.executable, "-c", SIGN.format(env=env)],
            env={"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=True,
        )
    url, modules = run.stdout.splitlines()
    assert url.endswith(f"&X-Goog-Signature={b'signed'.hex()}")
    return set(modules.split())


def test_no_sdk_is_loaded_for_a_signed_url(loaded: set[str]) -> None:
    assert "reelgate.adapters.signing.iam_signer" in loaded
    assert loaded & HEAVY == set()
