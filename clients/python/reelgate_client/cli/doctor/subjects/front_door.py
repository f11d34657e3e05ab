"""Whether the front door answers, and as Reelgate does."""

from __future__ import annotations

import socket
import ssl
import time
from urllib.parse import urlsplit

import httpx

from reelgate_client.cli.context import is_open_to_listeners
from reelgate_client.cli.doctor.deployment import TERRAFORM, Deployment, refusal
from reelgate_client.cli.doctor.subjects import clock

SUBJECT = "front door"


async def examine(deployment: Deployment) -> bool:
    """Ask without a token, and return whether there was an answer of Reelgate."""
    findings, host = deployment.findings, urlsplit(deployment.url).hostname or ""
    began, sent = time.monotonic(), clock.now()
    try:
        answer = await deployment.ask("GET", "/v1/me")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        findings.wrong(SUBJECT, "it answers", *_why(error, host))
        return False
    seconds = time.monotonic() - began
    if answer.status_code != 401 or refusal(answer).code != "unauthorized":
        findings.wrong(SUBJECT, "it answers", *_stranger(answer, deployment))
        return False
    if is_open_to_listeners(deployment.url):
        findings.warning(
            SUBJECT,
            "it answers",
            "It answers without encryption: passwords and tokens can be read on their way.",
            "use its https:// address: reelgate doctor --url https://...",
        )
    else:
        findings.ok(SUBJECT, "it answers", f"In {seconds * 1000:.0f} ms.")
    _form(answer, deployment)
    clock.compare(deployment, "the API's clock", answer, sent)
    return True


def _form(answer: httpx.Response, deployment: Deployment) -> None:
    findings, kind = deployment.findings, answer.headers.get("content-type", "nothing")
    if kind.startswith("application/problem+json"):
        findings.ok(SUBJECT, "errors are problem documents", "They pass as the function has written them.")
    else:
        findings.wrong(
            SUBJECT,
            "errors are problem documents",
            f"An error came as {kind}: something in front of the function replaces its answers.",
            "take error pages off the load balancer or proxy in front of the function",
        )
    request_id = answer.headers.get("x-request-id")
    if request_id == f"doctor-{deployment.run}":
        findings.ok(SUBJECT, "the request id comes back", "The one that was sent.")
    elif request_id is None:
        findings.wrong(
            SUBJECT,
            "the request id comes back",
            "There is no X-Request-Id in the answer, so no refusal can be explained.",
            "let the proxy in front of the function pass this header on",
        )
    else:
        findings.warning(SUBJECT, "the request id comes back", "Another one: something in front of the function replaces it.")


def _why(error: Exception, host: str) -> tuple[str, str]:
    """Return what is wrong when no answer comes, and what mends it."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, socket.gaierror) for one in causes):
        return (
            f"DNS has no address for {host}.",
            f"dig {host}   # should have the address of `terraform -chdir=terraform output`; or correct --url",
        )
    if tls := next((one for one in causes if isinstance(one, ssl.SSLError)), None):
        reason = getattr(tls, "verify_message", None) or getattr(tls, "reason", None) or "for an unknown reason"
        return (
            f"TLS with {host} fails: {reason}.",
            "gcloud compute ssl-certificates list   # a managed certificate is ACTIVE when DNS points to the load balancer",
        )
    if isinstance(error, httpx.TimeoutException):
        return f"{host} did not answer in time.", "gcloud run services list   # are the functions there, and READY?"
    return (
        f"{host} cannot be reached ({type(error).__name__}).",
        "terraform -chdir=terraform output api_url   # is it this address, and is this machine online?",
    )


def _stranger(answer: httpx.Response, deployment: Deployment) -> tuple[str, str]:
    """Return what is wrong when the answer to a request without a token is not Reelgate's 401, and what mends it."""
    status = answer.status_code
    if status < 400 or status == 404:
        return (
            f"A request without a token got {status}, not Reelgate's 401: this is another service, or another path.",
            "terraform -chdir=terraform output api_url   # is it this address?",
        )
    if status == 403:
        return "The functions cannot be called: 403 comes from in front of them.", f"{TERRAFORM}   # lets all users call them"
    if status >= 500:
        return (
            f"The function `accounts` answers with {status}: it does not start, or fails.",
            "gcloud functions logs read reelgate-accounts --region=REGION --min-log-level=warning",
        )
    return f"A request without a token got {status} ({refusal(answer).code}), not 401.", deployment.explain(answer)
