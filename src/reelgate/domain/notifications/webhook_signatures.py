"""Signatures of the Standard Webhooks scheme (www.standardwebhooks.com, "Signature scheme", symmetric, v1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence

from reelgate.domain.notifications.deliveries import Event

SECRET_PREFIX = "whsec_"  # noqa: S105 (a prefix, not a secret)
SECRET_BYTES = range(24, 65)


def webhook_body(event: Event) -> bytes:
    """Return the JSON body for an event: `type`, `timestamp`, `data`. Equal events give equal bytes."""
    data = {"event_id": event.event_id, "uid": event.uid, **event.data}
    body = {"type": event.type, "timestamp": event.occurred_at, "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature_header(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """Return `webhook-signature`: one signature per secret, separated by spaces.

    Args:
        timestamp: seconds since 1970, as in the `webhook-timestamp` header.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return " ".join(f"v1,{_base64(hmac.digest(secret, signed, hashlib.sha256))}" for secret in secrets)


def signing_key(secret: str) -> bytes:
    """Return the key in a secret `whsec_...`. Raises ValueError, whose text does not contain the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in SECRET_BYTES:
        raise ValueError(
            f"must be {SECRET_PREFIX} followed by the base64 of {SECRET_BYTES.start} to {SECRET_BYTES.stop - 1} bytes"
        )
    return key


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
