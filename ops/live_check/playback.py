"""The questions of playback: what scripts may read of errors, what composing makes, and what a session takes a type from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx

from ops.live_check.storage import Storage
from ops.live_check.target import shown

ORIGIN = "https://live-check.example"
"""A site of nobody's: scripts of all sites may read what a signed URL of the derived bucket opens (terraform/storage.tf)."""

PIECE_BYTES = 300_000
SEAM_BYTES = 100
STORED, SENT = "video/mp4", "application/x-live-check"


def cors_of_errors(storage: Storage) -> str:
    """Whether a script of another site can tell an expired or changed URL from a broken network.

    Both are refused before an object is looked for, so none is made.
    """
    name, long_ago = f"live-check/runs/{storage.target.run}/none", datetime.now(UTC) - timedelta(hours=1)
    url = storage.signed_url("GET", name, role="read", bucket=storage.target.derived_bucket)
    late = storage.signed_url("GET", name, role="read", seconds=60, bucket=storage.target.derived_bucket, signed_at=long_ago)
    web, origin = storage.target.web, {"Origin": ORIGIN}
    preflight = web.options(url.partition("?")[0], headers={**origin, "Access-Control-Request-Method": "GET"})
    expired = web.get(late, headers=origin)
    changed = web.get(url.replace("X-Goog-Expires=600", "X-Goog-Expires=601"), headers=origin)
    answers = (("preflight", preflight), (shown(expired), expired), (shown(changed), changed))
    return ", ".join(f"{what}: {_readable(answer)}" for what, answer in answers)


def composed(storage: Storage) -> str:
    """Whether an object that is composed of two, and one composed of that and a third, have exactly their bytes and a type.

    So do renditions that are encoded in shards become one file, whose index counts bytes.
    """
    pieces = {storage.name(f"piece-{number}"): os.urandom(PIECE_BYTES) for number in range(3)}
    for name, data in pieces.items():
        storage.write(name, data, "application/octet-stream")
    (first, second, third), data = pieces, b"".join(pieces.values())
    both, whole = storage.name("composed-2"), storage.name("composed-3")
    storage.compose(both, [first, second], STORED)
    storage.compose(whole, [both, third], STORED)
    begin = PIECE_BYTES - SEAM_BYTES
    seam = {"Range": f"bytes={begin}-{begin + 2 * SEAM_BYTES - 1}"}
    two = _compared(storage, both, data[: 2 * PIECE_BYTES])
    three = _compared(storage, whole, data)
    over = _compared(storage, whole, data[begin : begin + 2 * SEAM_BYTES], seam)
    kind = storage.resource(whole).get("contentType", "no type")
    return f"two pieces: {two}, with a third: {three}, over a seam: {over}, {kind}"


def session_type(storage: Storage) -> str:
    """Which type an object gets: the one its session was opened with, or that of the PUT, which some clients send."""
    seen = []
    for who, what, open_session in (
        ("opened by the server", "type-server", storage.open_json),
        ("by the client", "type-client", storage.open_signed),
    ):
        name = storage.name(what)
        session = open_session(name).headers["location"]
        sent = storage.target.web.put(session, content=bytes(10), headers={"Content-Type": SENT})
        seen.append(f"{who}: {sent.status_code}, {storage.resource(name).get('contentType', 'no object')}")
    return ", ".join(seen)


def _readable(answer: httpx.Response) -> str:
    return "yes" if answer.headers.get("access-control-allow-origin") in {"*", ORIGIN} else "no"


def _compared(storage: Storage, name: str, expected: bytes, headers: Mapping[str, str] | None = None) -> str:
    answer = storage.target.web.get(storage.signed_url("GET", name, role="read"), headers=headers)
    return f"{answer.status_code} {'the same bytes' if answer.content == expected else 'other bytes'}"
