"""What the front door passes on: paths and headers as they are, forms up to 30 MiB at least, and errors in one form."""

from __future__ import annotations

import httpx

from ops.live_check.target import Target, pieces, shown

AREA = "gateway"
MIB = 1024 * 1024
SURE_MIB, LIMIT_MIB = 30, 32
FORMS = {
    30: "a form with a file of 30 MiB reaches the function",
    31: "a form with a file of 31 MiB: does the front door count in MiB",
    33: "a form with a file of 33 MiB",
}
ARRIVED, REFUSED = "the function answers", "refused in front of it"


def errors(target: Target) -> None:
    """See who answers what is no route, and how. Raises PromiseBroken."""
    answer = target.api("GET", "/v1/videos", token="", headers={"X-Request-Id": f"live-check-{target.run}"})
    held = shown(answer) == "401 unauthorized" and answer.headers.get("content-type", "").startswith("application/problem+json")
    target.report.promise(AREA, "a function's own error passes untouched", held, shown(answer), "401 unauthorized")
    seen = "the same" if answer.headers.get("x-request-id") == f"live-check-{target.run}" else "another"
    target.report.assumption(AREA, "a client's X-Request-Id comes back", seen, "the same")
    forged = target.api("GET", "/v1/me", token="", headers={"X-Forwarded-Authorization": f"Bearer {target.token}"})
    target.report.assumption(AREA, "X-Forwarded-Authorization of a client", shown(forged), "401 unauthorized")
    answer = target.api("GET", "/no/such/path")
    target.report.assumption(AREA, "an unknown path", shown(answer), "404 not_found")
    answer = target.api("GET", "/v1/videos/?limit=1")
    target.report.assumption(AREA, "a slash at the end of the path", shown(answer), "404 not_found")
    answer = target.api("PUT", "/v1/videos")
    target.report.assumption(AREA, "another method", shown(answer), "405 method_not_allowed")


def cors(target: Target, origin: str | None) -> None:
    """Ask as a browser would, before a script of another site may call the API. Raises PromiseBroken."""
    if not origin:
        target.report.not_asked(AREA, "a browser's preflight", "say --origin, one of Terraform's cors_origins")
        return
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = target.api("OPTIONS", "/v1/uploads", token="", headers=headers)
    allowed = answer.headers.get("access-control-allow-origin", "nothing")
    target.report.promise(AREA, "a browser's preflight", allowed in {origin, "*"}, f"{answer.status_code}, {allowed}", origin)


def bodies(target: Target) -> None:
    """Send what surely is small enough, what may be, and what is not. None of it is stored. Raises PromiseBroken."""
    for mib, question in FORMS.items():
        try:
            seen = _who_answers(_send_form(target, mib * MIB))
        except httpx.TransportError as error:
            seen = f"{REFUSED}: {type(error).__name__}"
        if mib == SURE_MIB:
            target.report.promise(AREA, question, seen == ARRIVED, seen, ARRIVED)
        else:
            target.report.assumption(AREA, question, seen.partition(":")[0], ARRIVED if mib < LIMIT_MIB else REFUSED)


def _who_answers(answer: httpx.Response) -> str:
    """Return whether a form reached the function, which either refuses its file's type or reports its own limit."""
    own = shown(answer) == "415 unsupported_type" or (shown(answer) == "413 too_large" and "limit" in answer.json())
    return ARRIVED if own else f"{REFUSED}: {shown(answer)}"


def _send_form(target: Target, size: int) -> httpx.Response:
    """Send a form with a file of that size and a type that is not stored, so that nothing can come of it.

    Only an older service's route takes forms.
    """
    head = b'--live\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
    tail = b"\r\n--live--\r\n"
    body = head + bytes(size) + tail
    headers = {"Content-Type": "multipart/form-data; boundary=live", "Content-Length": str(len(body))}
    return target.api("POST", "/upload", content=pieces(body), headers=headers)
