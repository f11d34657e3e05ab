"""All subjects in their order. A failure stops only what depends on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from reelgate_client.cli.doctor.deployment import Deployment
from reelgate_client.cli.doctor.findings import State
from reelgate_client.cli.doctor.sample import Sample
from reelgate_client.cli.doctor.subjects import buckets, cors, front_door, messages, quotas, token, uploading, usage_logs
from reelgate_client.cli.exit_codes import ExitCode
from reelgate_client.errors import NotSignedIn, ReelgateError
from reelgate_client.models import Me

T = TypeVar("T")
SUBJECT_SECONDS = 150
"""No subject takes longer: its own waits for events are shorter, so this is for servers that answer slowly."""

SIGN_IN = "reelgate login, or set REELGATE_API_KEY or REELGATE_TOKEN"


async def examine(deployment: Deployment, *, quick: bool) -> ExitCode:
    """Ask everything, and return the exit code.

    Args:
        quick: upload nothing, and wait for nothing.
    """
    findings = deployment.findings
    if not await front_door.examine(deployment):
        return ExitCode.NOT_REACHABLE
    if deployment.origin is None:
        findings.not_asked(
            cors.SUBJECT,
            "scripts of a site may use it",
            "No site was named.",
            f"reelgate doctor --url {deployment.url} --origin https://...",
        )
    await _try(deployment, cors.SUBJECT, lambda: cors.preflight_api(deployment))
    try:
        user = await _try(deployment, token.SUBJECT, lambda: token.examine(deployment))
    except NotSignedIn as error:
        findings.not_asked(token.SUBJECT, "all that needs a sign-in", error.detail, SIGN_IN)
        await _try(deployment, buckets.SUBJECT, lambda: buckets.examine(deployment, None))
        return ExitCode.FAILED if findings.count(State.WRONG) else ExitCode.NOT_SIGNED_IN
    bucket = await _as_user(deployment, user, quick=quick) if user is not None else None
    await _try(deployment, buckets.SUBJECT, lambda: buckets.examine(deployment, bucket))
    return ExitCode.FAILED if findings.count(State.WRONG) else ExitCode.OK


async def _as_user(deployment: Deployment, user: Me, *, quick: bool) -> str | None:
    """Ask what needs a sign-in, and return the name of the media bucket if it was seen."""
    findings = deployment.findings
    found = uploading.Found()
    if quick:
        findings.not_asked(
            uploading.SUBJECT, "its whole way, and messages", "Left out by --quick.", f"reelgate doctor --url {deployment.url}"
        )
    else:
        sample = Sample(deployment)
        try:
            found = await _try(deployment, uploading.SUBJECT, lambda: uploading.examine(deployment, sample)) or found
            await _try(deployment, messages.SUBJECT, lambda: messages.convert(deployment, found.video_id))
        finally:  # also after Ctrl-C
            left = await sample.remove()
            if left is not None:
                findings.wrong(uploading.SUBJECT, "it is removed again", left, _removal(sample))
        await _try(deployment, messages.SUBJECT, lambda: messages.as_admin(deployment, user))
    await _try(deployment, usage_logs.SUBJECT, lambda: usage_logs.examine(deployment, user))
    await _try(deployment, quotas.SUBJECT, lambda: quotas.examine(deployment, user))
    return found.bucket


def _removal(sample: Sample) -> str:
    """Return how to remove an upload of which nobody knows how far it came; nothing else is removed with it."""
    name = sample.filename
    cancel = f"reelgate uploads cancel {sample.upload_id}" if sample.upload_id else "reelgate uploads list"
    return f"{cancel}; or if it is a video: reelgate rm {name}; reelgate trash purge {name}"


async def _try(deployment: Deployment, subject: str, ask: Callable[[], Awaitable[T]]) -> T | None:
    """Ask about a subject. What comes instead of an answer is noted.

    Raises:
        NotSignedIn: there are no credentials.
    """
    try:
        async with asyncio.timeout(SUBJECT_SECONDS):
            return await ask()
    except TimeoutError:
        detail, mend = f"No end within {SUBJECT_SECONDS} s.", "gcloud run services list   # are all READY?"
    except httpx.HTTPError as error:  # without its text, which may have a signed URL
        detail, mend = f"No answer: {type(error).__name__}.", "run it again; then look at this machine's network, and proxies"
    except NotSignedIn as error:
        if error.code == "signed_out":
            raise
        detail, mend = error.detail, SIGN_IN
    except ReelgateError as error:
        detail = f"{error.code}: {error.detail}"
        mend = f"python -m ops explain {error.request_id}" if error.request_id else "run it again"
    deployment.findings.wrong(subject, "it answers", detail, mend)
    return None
