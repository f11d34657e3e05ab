"""The way of a small upload: granted, opened by a signed URL, sent, settled by the bucket's event, and read again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from reelgate_client.cli.doctor.deployment import TERRAFORM, Deployment, refusal, shown
from reelgate_client.cli.doctor.sample import CONTENT, Sample
from reelgate_client.cli.doctor.subjects import clock, cors
from reelgate_client.models import Upload
from reelgate_client.models.decode import decode

SUBJECT, SIGNER, FINALIZE = "upload", "signer", "finalize"
FINALIZE_SECONDS = 60
SLOW_SECONDS = 15
POLL_SECONDS = 0.5
LIMITS = {"storage_limit_exceeded", "bandwidth_limit_exceeded", "too_many_open_uploads", "too_many_rejected", "missing_scope"}


@dataclass
class Found:
    """What the upload has shown for other subjects."""

    video_id: str | None = None
    bucket: str | None = None


async def examine(deployment: Deployment, sample: Sample) -> Found:
    """Upload one byte. What depends on a step that failed is left out."""
    found = Found()
    upload = await _grant(deployment, sample)
    if upload is None:
        return found
    if not await _open(deployment, sample, upload, found) or not await _send(deployment, sample):
        return found
    if await _settled(deployment, sample):
        found.video_id = sample.upload_id
        await _read(deployment, sample)
    return found


async def _grant(deployment: Deployment, sample: Sample) -> Upload | None:
    findings, bearer = deployment.findings, await deployment.bearer()
    body = {"filename": sample.filename, "size": len(CONTENT), "content_type": "video/mp4"}
    headers = {"Idempotency-Key": sample.filename}
    if deployment.origin is not None:
        headers["Origin"] = deployment.origin
    sample.asked = True
    answer = await deployment.ask("POST", "/v1/uploads", bearer=bearer, headers=headers, body=body)
    if answer.status_code != 201:
        error = refusal(answer)
        if error.code in LIMITS:
            note = "make room, or use another account or key" if error.code != "missing_scope" else "use a key that may write"
            findings.not_asked(SUBJECT, "one is granted", f"{error.detail}", note)
        else:
            findings.wrong(SUBJECT, "one is granted", f"{error.code}: {error.detail}", deployment.explain(answer))
        return None
    upload = decode(Upload, answer.json())
    sample.upload_id = upload.upload_id
    findings.ok(SUBJECT, "one is granted", "One byte.")
    cors.readable(deployment, "the API's answers", answer, cors.API_EXPOSED)
    return upload


async def _open(deployment: Deployment, sample: Sample, upload: Upload, found: Found) -> bool:
    """Open a session by the signed request, as a browser does."""
    findings, request = deployment.findings, upload.request
    if request is None:
        if upload.session_url is None:
            findings.wrong(
                SIGNER, "a signed URL opens a session", "The grant has neither a signed request nor a session.", None
            )
            return False
        sample.session_url, found.bucket = upload.session_url, bucket_of(upload.session_url)
        findings.not_asked(SIGNER, "a signed URL opens a session", "This deployment's server opens sessions by itself.")
        return True
    found.bucket = bucket_of(request.url)
    await cors.preflight_bucket(deployment, "a preflight to the bucket", request.method, request.url, request.headers)
    sent = clock.now()
    answer = await deployment.send(request.method, request.url, request.headers)
    if answer.status_code != 201 or "location" not in answer.headers:
        findings.wrong(SIGNER, "a signed URL opens a session", *why_refused(answer, "sign-upload", deployment))
        return False
    sample.session_url = answer.headers["location"]
    findings.ok(SIGNER, "a signed URL opens a session", "With 201.")
    clock.compare(deployment, "the bucket's clock", answer, sent)
    cors.readable(deployment, "the bucket's answer to opening", answer, ("Location",))
    return True


async def _send(deployment: Deployment, sample: Sample) -> bool:
    findings, session = deployment.findings, sample.session_url
    assert session is not None
    last = len(CONTENT) - 1
    headers = {"Content-Range": f"bytes 0-{last}/{len(CONTENT)}"}
    await cors.preflight_bucket(deployment, "a preflight to the session", "PUT", session, headers)
    status = await deployment.send("PUT", session, {"Content-Range": f"bytes */{len(CONTENT)}"})
    if status.status_code == 308:
        cors.readable(deployment, "the session's status", status, ("Range", "ETag"))
    answer = await deployment.send("PUT", session, headers, CONTENT)
    if status.status_code != 308 or answer.status_code not in {200, 201}:
        said = shown(status) if status.status_code != 308 else shown(answer)
        findings.wrong(SUBJECT, "the bucket takes its bytes", f"The session answers {said}.", f"{TERRAFORM}   # then try again")
        return False
    findings.ok(SUBJECT, "the bucket takes its bytes", f"With {answer.status_code}.")
    return True


async def _settled(deployment: Deployment, sample: Sample) -> bool:
    """Wait until the bucket's event has reached the books."""
    assert sample.upload_id is not None
    findings, began = deployment.findings, time.monotonic()
    while (upload := await deployment.client.uploads.get(sample.upload_id)).state == "open":
        if time.monotonic() - began >= FINALIZE_SECONDS:
            findings.wrong(
                FINALIZE,
                "the upload becomes a video",
                f"Not within {FINALIZE_SECONDS} s: the bucket's events do not arrive.",
                "gcloud eventarc triggers list --location=REGION, then python -m ops bucket --repair",
            )
            return False
        await asyncio.sleep(POLL_SECONDS)
    seconds = time.monotonic() - began
    if upload.state != "ready":
        findings.wrong(
            FINALIZE,
            "the upload becomes a video",
            f"It is {upload.state}: {upload.reason or 'without a reason'}.",
            f"python -m ops explain {sample.upload_id}",
        )
        return False
    if seconds > SLOW_SECONDS:
        findings.warning(
            FINALIZE,
            "the upload becomes a video",
            f"After {seconds:.0f} s; usual are a few.",
            "gcloud functions logs read reelgate-finalize --region=REGION",
        )
    else:
        findings.ok(FINALIZE, "the upload becomes a video", f"After {seconds:.1f} s.")
    return True


async def _read(deployment: Deployment, sample: Sample) -> None:
    """Read the byte again, by a signed URL."""
    assert sample.upload_id is not None
    findings = deployment.findings
    url = (await deployment.client.videos.url(sample.upload_id)).url
    answer = await deployment.send("GET", url, {"Range": "bytes=0-0"})
    if answer.status_code not in {200, 206}:
        findings.wrong(SIGNER, "a signed URL reads the video", *why_refused(answer, "sign-read", deployment))
        return
    if answer.content != CONTENT:
        findings.wrong(SIGNER, "a signed URL reads the video", "It has other bytes than were sent.", "python -m ops bucket")
        return
    findings.ok(SIGNER, "a signed URL reads the video", f"With {answer.status_code}.")
    cors.readable(deployment, "the bucket's answer to a player", answer, ("Content-Range",))


def why_refused(answer: httpx.Response, account: str, deployment: Deployment) -> tuple[str, str]:
    """Return why the bucket refused a signed URL, and what mends it."""
    said = shown(answer)
    code = said.partition(" ")[2]
    faults: Mapping[str, tuple[str, str]] = {
        "SignatureDoesNotMatch": (
            "the key that signs is another one than the bucket knows, or something on the way changes the request",
            f"{TERRAFORM}; with HMAC keys: python -m ops.sign_faster rotate --project {deployment.project or 'PROJECT'}",
        ),
        "InvalidSecurity": (
            "the HMAC key that signs is not active",
            f"python -m ops.sign_faster rotate --project {deployment.project or 'PROJECT'}, then {TERRAFORM}",
        ),
        "AccessDenied": (f"the account reelgate-{account} has lost its role on the bucket", TERRAFORM),
        "ExpiredToken": (
            "the URL has ended before it was used: clocks differ",
            "sudo timedatectl set-ntp true   # on this machine",
        ),
        "NoSuchBucket": ("there is no such bucket", f"{TERRAFORM}   # REELGATE_MEDIA_BUCKET names it"),
    }
    why, mend = faults.get(code, ("the bucket refuses what was signed", deployment.explain(answer)))
    return f"{said}: {why}.", mend


def bucket_of(url: str) -> str | None:
    """Return the bucket's name in a URL of Cloud Storage: the first part of the path, or of the host."""
    parts = urlsplit(url)
    if (host := parts.hostname or "").endswith(".storage.googleapis.com"):
        return host.removesuffix(".storage.googleapis.com")
    return parts.path.strip("/").partition("/")[0] or None
