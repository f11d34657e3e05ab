"""Google's REST interface to the users of Firebase Auth / Identity Platform: its address, and the codes of its errors."""

from __future__ import annotations

from typing import Any

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.rest import GoogleRest, emulator_token

GOOGLE = "https://identitytoolkit.googleapis.com"


def identity_toolkit(*, emulator: str | None, tokens: AccessTokens, connections: Connections | None = None) -> GoogleRest:
    """Return the interface with this function's rights, or the one of the Auth emulator at `emulator` (host and port)."""
    if emulator:
        return GoogleRest(f"http://{emulator}/identitytoolkit.googleapis.com", token=emulator_token, connections=connections)
    return GoogleRest(GOOGLE, token=tokens.current, forget_token=tokens.forget, connections=connections)


def code_of(content: Any) -> str:
    """Return `CODE` of an answer `{"error": {"message": "CODE : some text"}}`; an empty string if there is none."""
    error = content.get("error") if isinstance(content, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return str(message or "").partition(":")[0].strip()
