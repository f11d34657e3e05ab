"""How X-Forwarded-For arrives, by which clients are distinguished when their login attempts are counted (docs/accounts.md).

What Google's front end and API Gateway make of the header is not documented. `accounts` logs how many entries there were.
"""

from __future__ import annotations

from typing import Any

from localcloud.supervisor.polling import wait_for
from ops.live_check.logs import CannotRead
from ops.live_check.target import Target

AREA = "address"
PLAIN = "X-Forwarded-For has the client and the proxies of REELGATE_PROXIES_IN_FRONT"
FORGED = "what a client writes there itself stays in front of that"
FORGERY = "192.0.2.77"  # RFC 5737: for documentation
SECONDS = 120


def entries(target: Target) -> None:
    """Log in wrongly without and with an entry of one's own, and read how many entries arrived. Raises PromiseBroken."""
    try:
        plain, proxies = _arrived(target, {})
        forged, _ = _arrived(target, {"X-Forwarded-For": FORGERY})
    except CannotRead as why:
        for question in (PLAIN, FORGED):
            target.report.not_asked(AREA, question, str(why))
        return
    right = plain - 1
    advice = "" if right == proxies else f"; set it to {right}" if right >= 0 else "; no address arrives"
    seen = f"entries: {plain}, REELGATE_PROXIES_IN_FRONT: {proxies}"
    target.report.promise(AREA, PLAIN, right == proxies, seen + advice, f"entries: {proxies + 1}")
    # One more in front, or the front door has thrown it away.
    held = forged in {plain, plain + 1}
    target.report.promise(AREA, FORGED, held, f"entries: {forged}", f"entries: {plain + 1}, or {plain}")


def _arrived(target: Target, headers: dict[str, str]) -> tuple[int, int]:
    """Return how many entries a call arrived with, and how many the function expects behind the client's."""
    body = {"email": f"live-check-{target.run}-nobody@example.com", "password": "wrong"}
    answer = target.api("POST", "/v1/auth/login", token="", json=body, headers=headers)
    request_id = answer.headers.get("x-request-id", "")
    line = wait_for(lambda: _line(target, request_id), seconds=SECONDS, poll_seconds=1)
    if line is None:
        raise CannotRead(f"the log has no line of this login within {SECONDS} s")
    return int(line["forwarded_for_entries"]), int(line["proxies_in_front"])


def _line(target: Target, request_id: str) -> dict[str, Any] | None:
    lines = target.logs.lines("accounts", "forwarded_for_entries")
    return next((line for line in lines if line.get("request_id") == request_id), None)
