"""Whether functions answer after a pause in which their instances had next to no processor time."""

from __future__ import annotations

from ops.live_check.logs import CannotRead
from ops.live_check.target import Target

AREA = "pause"
KILLED = "WORKER TIMEOUT"
"""What gunicorn logs when it kills a worker that gave no sign of life for too long (`gunicorn/arbiter.py`)."""

ASKED = {
    "upload": "/v1/uploads/none",
    "stream_url": "/v1/videos/none/url",
    "usage": "/v1/usage",
    "library": "/v1/videos",
    "accounts": "/v1/me",
    "audit": "/v1/admin/audit",
    "notify": "/v1/admin/deliveries",
    "console": "/",  # 404 of another function where it is not deployed
}


def idle(target: Target, seconds: float) -> None:
    """Call every function, wait, and call it again, without retries. Raises PromiseBroken."""
    question = f"every function that people call answers after {seconds:g} idle seconds"
    if not seconds:
        target.report.not_asked(AREA, "every function that people call answers after a pause", "--pause 0")
        return
    for path in ASKED.values():
        target.api("GET", path)
    target.wait(seconds)
    answers = {function: _status(target, path) for function, path in ASKED.items()}
    failed = {function: status for function, status in answers.items() if status >= 500}
    seen = ", ".join(f"{function}: {status}" for function, status in failed.items()) or ", ".join(answers)
    target.report.promise(AREA, question, not failed, seen, "none with 500 or more")
    question = "no server process was killed for its silence"
    try:
        target.wait(target.log_seconds)
        killed = target.logs.mentions(KILLED)
    except CannotRead as why:
        target.report.not_asked(AREA, question, str(why))
        return
    target.report.promise(AREA, question, not killed, f"{killed} times '{KILLED}' in the logs", "never")


def _status(target: Target, path: str) -> int:
    return target.web.get(f"{target.api_url}{path}", headers={"Authorization": f"Bearer {target.token}"}).status_code
