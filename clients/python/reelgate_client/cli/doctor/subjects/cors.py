"""Whether scripts of a site may use the deployment (Fetch standard, "CORS protocol")."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from reelgate_client.cli.doctor.deployment import TERRAFORM, Deployment

SUBJECT = "CORS"
API_HEADERS = ("authorization", "content-type", "idempotency-key")
API_EXPOSED = ("Location", "Retry-After", "X-Request-Id")
SAFE = frozenset({"accept", "accept-language", "content-language", "host", "content-length"})
"""Headers that a script may send, or a browser sends by itself, without being allowed to."""


async def preflight_api(deployment: Deployment) -> None:
    """Ask as a browser would before a script starts an upload."""
    if deployment.origin is None:
        return
    headers = _question(deployment.origin, "POST", API_HEADERS)
    answer = await deployment.ask("OPTIONS", "/v1/uploads", headers=headers)
    _judge(deployment, "a preflight to the API", answer, "POST", API_HEADERS)


async def preflight_bucket(deployment: Deployment, question: str, method: str, url: str, headers: Iterable[str]) -> None:
    """Ask the bucket the same. The headers are those that the request itself will have."""
    if deployment.origin is None:
        return
    names = sorted({name.lower() for name in headers} - SAFE)
    answer = await deployment.http.request("OPTIONS", url, headers=_question(deployment.origin, method, names))
    _judge(deployment, question, answer, method, names)


def readable(deployment: Deployment, question: str, answer: httpx.Response, exposed: Iterable[str]) -> None:
    """Look whether a script may read an answer, and these of its headers."""
    if deployment.origin is None:
        return
    if not _allows(answer, deployment.origin):
        deployment.findings.wrong(SUBJECT, question, f"Scripts of {deployment.origin} may not read it.", _mend(deployment))
        return
    shown = _words(answer, "access-control-expose-headers")
    if missing := [name for name in exposed if name.lower() not in shown and "*" not in shown]:
        deployment.findings.wrong(
            SUBJECT,
            question,
            f"Scripts may read it, but not {' or '.join(missing)}, without which no upload goes on.",
            TERRAFORM,
        )
        return
    deployment.findings.ok(SUBJECT, question, f"Scripts may read it, and {', '.join(exposed)}.")


def _judge(deployment: Deployment, question: str, answer: httpx.Response, method: str, headers: Iterable[str]) -> None:
    assert deployment.origin is not None
    findings = deployment.findings
    if answer.status_code >= 300:
        findings.wrong(SUBJECT, question, f"It got {answer.status_code}, with which browsers stop.", _mend(deployment))
        return
    if not _allows(answer, deployment.origin):
        findings.wrong(SUBJECT, question, f"{deployment.origin} is not allowed.", _mend(deployment))
        return
    methods, allowed = _words(answer, "access-control-allow-methods"), _words(answer, "access-control-allow-headers")
    missing = [name for name in headers if name not in allowed and not ("*" in allowed and name != "authorization")]
    if method != "POST" and method.lower() not in methods and "*" not in methods:  # POST is allowed by itself
        findings.wrong(SUBJECT, question, f"{method} is not allowed.", TERRAFORM)
    elif missing:
        findings.wrong(SUBJECT, question, f"These headers are not allowed: {', '.join(missing)}.", TERRAFORM)
    else:
        findings.ok(SUBJECT, question, f"{deployment.origin} may send {method} with its headers.")


def _question(origin: str, method: str, headers: Iterable[str]) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    names = ",".join(sorted(headers))
    return asked | ({"Access-Control-Request-Headers": names} if names else {})


def _allows(answer: httpx.Response, origin: str) -> bool:
    return answer.headers.get("access-control-allow-origin") in {origin, "*"}


def _words(answer: httpx.Response, header: str) -> set[str]:
    return {word.strip().lower() for word in answer.headers.get(header, "").split(",") if word.strip()}


def _mend(deployment: Deployment) -> str:
    if deployment.is_local:
        return f"./emulator.sh down && REELGATE_CORS_ORIGINS={deployment.origin} ./emulator.sh up"
    return f'add "{deployment.origin}" to cors_origins in terraform/terraform.tfvars, then {TERRAFORM}'
