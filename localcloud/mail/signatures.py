"""Verifying a webhook as its consumer does (Standard Webhooks); deliberately independent of the product's signing code."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

TOLERANCE_SECONDS = 300


def verified(headers: Mapping[str, str], body: bytes, secret: str, *, now: float | None = None) -> bool:
    """Return whether one of the signatures was made with `secret` (whsec_...), in the last minutes and for this body."""
    identifier, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identifier or not sent_at.isdigit():
        return False
    if abs((time.time() if now is None else now) - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{identifier}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    offered = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    return any(hmac.compare_digest(base64.b64encode(expected).decode(), one) for one in offered)
