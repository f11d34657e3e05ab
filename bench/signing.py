"""How much faster our signers are than google-cloud-storage's, signing one playlist of segments.

    python -m bench.signing [--segments 300] [--rounds 15] [--json FILE] [--at-least 10]

All signers take turns in one run, so that the ratios hold on a busy machine too; what counts is CPU time, and the best
round of each. Every signer signs the same objects at the same lifetime, RSA with the same 2048-bit key.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.cloud.storage import Client
from google.oauth2.service_account import Credentials

from reelgate.adapters.signing.key_signers import HmacSigner, KeyFileSigner
from reelgate.ports.storage import UrlSigner, UrlToSign

ACCOUNT = "signer@demo-reelgate.iam.gserviceaccount.com"
BUCKET = "demo-reelgate-media"
LIFETIME_SECONDS = 3600
GOOGLE = "google-cloud-storage (RSA)"
HMAC = "reelgate HMAC"
RSA = "reelgate RSA"


def google_playlist(key: rsa.RSAPrivateKey, names: list[str]) -> Callable[[], list[str]]:
    """Return a function that signs all names with google-cloud-storage."""
    info = {
        "client_email": ACCOUNT,
        "token_uri": "https://oauth2.googleapis.com/token",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }
    credentials = Credentials.from_service_account_info(info)  # type: ignore[no-untyped-call]
    bucket = Client(project="demo-reelgate", credentials=credentials).bucket(BUCKET)
    lifetime = timedelta(seconds=LIFETIME_SECONDS)
    return lambda: [bucket.blob(name).generate_signed_url(version="v4", expiration=lifetime) for name in names]


def own_playlist(loop: asyncio.AbstractEventLoop, signer: UrlSigner, names: list[str]) -> Callable[[], list[str]]:
    """Return a function that signs all names with one of our signers, on an event loop that is there, as in the functions."""

    async def sign() -> list[str]:
        now = datetime.now(UTC)
        return [
            await signer.signed_url(
                UrlToSign(method="GET", bucket=BUCKET, object_name=name, expires_seconds=LIFETIME_SECONDS), now=now
            )
            for name in names
        ]

    return lambda: loop.run_until_complete(sign())


def cpu_seconds(playlist: Callable[[], list[str]], segments: int) -> float:
    """Return the CPU seconds that signing a playlist once took."""
    start = time.process_time()
    urls = playlist()
    spent = time.process_time() - start
    if len(set(urls)) != segments:
        raise RuntimeError("a signer left out a segment")
    return spent


def measure(segments: int, rounds: int) -> dict[str, Any]:
    """Return, for each signer, its best CPU time for a playlist and how many times faster than Google's client it is."""
    names = [f"uid/0123456789abcdef/hls/segment-{number:05}.ts" for number in range(segments)]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    storage = "https://storage.googleapis.com"
    own_rsa = KeyFileSigner(storage_url=storage, account=ACCOUNT, private_key=key)
    own_hmac = HmacSigner(storage_url=storage, access_id="GOOGBENCH", secret="bench")
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        playlists = {
            GOOGLE: google_playlist(key, names),
            RSA: own_playlist(loop, own_rsa, names),
            HMAC: own_playlist(loop, own_hmac, names),
        }
        spent: dict[str, list[float]] = {name: [] for name in playlists}
        for _ in range(rounds):
            for name, playlist in playlists.items():
                spent[name].append(cpu_seconds(playlist, segments))
    best = {name: min(values) for name, values in spent.items()}
    return {
        name: {
            "playlist_cpu_ms": round(seconds * 1000, 3),
            "urls_per_cpu_second": round(segments / seconds),
            "times_as_fast": round(best[GOOGLE] / seconds, 1),
        }
        for name, seconds in best.items()
    }


def main() -> int:
    """Print the table; return 1 if HMAC is not `--at-least` times as fast."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--segments", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--at-least", type=float, default=0, help="fail unless HMAC is this many times as fast")
    arguments = parser.parse_args()
    signers = measure(arguments.segments, arguments.rounds)
    print(f"{arguments.segments}-segment playlist   CPU ms   URLs per CPU second   times as fast")
    for name, row in signers.items():
        print(f"{name:27}{row['playlist_cpu_ms']:>8.1f}{row['urls_per_cpu_second']:>22,}{row['times_as_fast']:>16.1f}")
    if arguments.json:
        report = {"segments": arguments.segments, "rounds": arguments.rounds, "signers": signers}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if signers[HMAC]["times_as_fast"] >= arguments.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
