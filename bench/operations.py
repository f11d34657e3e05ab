"""Firestore operations of one complete upload, from the request to the published message, as they are billed.

Needs the Firestore emulator (`eval "$(./emulator.sh env)"`). The bucket is in memory: only the books are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from google.cloud.firestore import AsyncClient

from reelgate.adapters.documents.firestore_books import FirestoreBooks
from reelgate.adapters.signing.signers import HmacSigner
from reelgate.domain.books.account import Limits
from reelgate.domain.books.policy import Policy
from reelgate.domain.files import names
from reelgate.ports import Caller
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.uploads.start_upload import start_upload
from reelgate.use_cases.uploads.upload_request import UploadRequest
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from tests.doubles.memory_events import MemoryEvents
from tests.doubles.memory_media import MemoryMedia

POLICY = Policy(
    default_limits=Limits(storage_bytes=50 * 2**20, daily_bytes=100 * 2**20, alert_percents=(80, 100)),
    zone=ZoneInfo("UTC"),
    max_file_bytes=2**30,
    form_upload_max_bytes=2**20,
    content_types=("audio/*", "video/*"),
    chunked_content_types=("audio/*", "video/*"),
    upload_roles=frozenset({"user"}),
    upload_url_seconds=3600,
    upload_expiry_seconds=86_400,
    stream_url_seconds=3600,
    trash_days=30,
    max_open_uploads=400,
)


@dataclass
class Bench:
    """The services of a deployment, with the books in the emulator and a bucket in memory."""

    books: FirestoreBooks
    function: str = "bench"
    media: MemoryMedia = field(default_factory=MemoryMedia)
    events: MemoryEvents = field(default_factory=MemoryEvents)
    policy: Policy = POLICY
    bucket: str = "bench"
    signer: HmacSigner = field(
        default_factory=lambda: HmacSigner(storage_url="http://localhost", access_id="bench", secret="bench")
    )

    def now(self) -> datetime:
        """The clock."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A random id."""
        return secrets.token_hex(16)


async def count() -> dict[str, dict[str, int]]:
    """Return reads, writes and deletes of each step, of an account that has been used before."""
    services = Bench(FirestoreBooks(AsyncClient(project="demo-reelgate")))
    caller = Caller(uid=f"bench-{secrets.token_hex(4)}", email=None, role="user")
    steps: dict[str, dict[str, int]] = {}

    async def complete(name: str) -> None:
        before = replace(services.books.operations)
        request = UploadRequest(filename=name, size=4, content_type="video/mp4")
        granted = await start_upload(services, caller, request)  # type: ignore[arg-type]
        note("POST /upload", before)
        before = replace(services.books.operations)
        object_name = names.object_name(caller.uid, granted.upload.upload_id, name)
        services.media.write(object_name, b"data", "video/mp4")
        await finish_upload(services, object_name)  # type: ignore[arg-type]
        note("finalize event", before)

    def note(step: str, before: object) -> None:
        now = services.books.operations
        steps[step] = {kind: getattr(now, kind) - getattr(before, kind) for kind in ("reads", "writes", "deletes")}

    await complete("first.mp4")
    await complete("second.mp4")
    before = replace(services.books.operations)
    await issue_stream_url(services, caller, "second.mp4", charge="each")  # type: ignore[arg-type]
    note("GET /stream/direct", before)
    upload = {kind: steps["POST /upload"][kind] + steps["finalize event"][kind] for kind in ("reads", "writes", "deletes")}
    return {**steps, "one complete upload": upload}


def main() -> None:
    """Print the table, and JSON with --json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    result = asyncio.run(count())
    print(f"{'':22}{'reads':>7}{'writes':>8}{'deletes':>9}")
    for step, row in result.items():
        print(f"{step:22}{row['reads']:7}{row['writes']:8}{row['deletes']:9}")
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
