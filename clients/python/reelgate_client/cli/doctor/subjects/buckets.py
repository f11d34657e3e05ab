"""Settings of the buckets, as `gcloud` shows them with the operator's own credentials."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping
from typing import Any

from reelgate_client.cli.doctor.deployment import TERRAFORM, Deployment

SUBJECT = "buckets"
SECONDS = 60
LIFECYCLE, SOFT_DELETE, CORS, PRIVATE = "lifecycle", "soft delete", "CORS settings", "nobody can make it public"
CHUNKS = "__parts__/"
PUT_HEADERS = ("Content-Range", "Location", "Range", "ETag", "x-goog-resumable")


async def examine(deployment: Deployment, bucket: str | None) -> None:
    """Look at the media bucket and the one of derived media.

    Args:
        bucket: the media bucket, if an upload has shown it.
    """
    findings, project = deployment.findings, deployment.project
    if project is None:
        name = bucket or "PROJECT-reelgate-media"
        findings.not_asked(
            SUBJECT,
            f"{LIFECYCLE}, {SOFT_DELETE}, CORS",
            "That is asked with your own gcloud account, for a project.",
            f"reelgate doctor --project PROJECT, or gcloud storage buckets describe gs://{name} --raw --format=json",
        )
        return
    media = bucket or f"{project}-reelgate-media"
    settings = await _described(deployment, media)
    if settings is not None:
        _media(deployment, media, settings)
    if not media.endswith("-media"):
        return
    derived = media.removesuffix("media") + "derived"
    settings = await _described(deployment, derived)
    if settings is not None:
        _aborts(deployment, derived, settings)
        _private(deployment, derived, settings)


def _media(deployment: Deployment, name: str, settings: Mapping[str, Any]) -> None:
    findings, rules = deployment.findings, _rules(settings)
    conditions = [condition for kind, condition in rules if kind == "Delete"]
    chunks = any(CHUNKS in condition.get("matchesPrefix", []) for condition in conditions)
    placeholders = any("daysSinceCustomTime" in condition for condition in conditions)
    if everything := [one for one in conditions if not {"matchesPrefix", "daysSinceCustomTime"} & one.keys()]:
        findings.wrong(
            SUBJECT,
            f"{LIFECYCLE} of {name}",
            f"A rule deletes videos: its condition is {json.dumps(everything[0])[:200]}.",
            f"{TERRAFORM}   # restores the rules; deleted videos: docs/operations.md, A removed object",
        )
    elif missing := [
        what for there, what in ((chunks, "left parts"), (placeholders, "placeholders of closed uploads")) if not there
    ]:
        findings.wrong(SUBJECT, f"{LIFECYCLE} of {name}", f"No rule removes {' and '.join(missing)}.", TERRAFORM)
    else:
        findings.ok(SUBJECT, f"{LIFECYCLE} of {name}", "Left parts and placeholders are removed, and nothing else.")
    seconds = int(settings.get("softDeletePolicy", {}).get("retentionDurationSeconds", 0))
    if seconds == 0:
        findings.warning(
            SUBJECT,
            f"{SOFT_DELETE} of {name}",
            "It is off: an object that is removed by mistake is gone.",
            f"soft_delete_days = 7 in terraform/terraform.tfvars, then {TERRAFORM}",
        )
    else:
        findings.ok(SUBJECT, f"{SOFT_DELETE} of {name}", f"Removed objects can be restored for {seconds / 86400:.0f} days.")
    _cors(deployment, name, settings)
    _private(deployment, name, settings)


def _cors(deployment: Deployment, name: str, settings: Mapping[str, Any]) -> None:
    findings, question = deployment.findings, f"{CORS} of {name}"
    entries = [one for one in settings.get("cors", []) if isinstance(one, dict)]
    if not entries:
        findings.warning(
            SUBJECT, question, "No site may use the bucket.", f"cors_origins in terraform/terraform.tfvars, then {TERRAFORM}"
        )
        return
    origins = {origin for entry in entries for origin in entry.get("origin", [])}
    shown = {header.lower() for entry in entries for header in entry.get("responseHeader", [])}
    if deployment.origin is not None and not origins & {deployment.origin, "*"}:
        findings.wrong(
            SUBJECT,
            question,
            f"{deployment.origin} is not among its origins.",
            f'add "{deployment.origin}" to cors_origins in terraform/terraform.tfvars, then {TERRAFORM}',
        )
    elif missing := [header for header in PUT_HEADERS if header.lower() not in shown]:
        findings.wrong(SUBJECT, question, f"These headers are missing: {', '.join(missing)}.", TERRAFORM)
    else:
        findings.ok(SUBJECT, question, f"Origins: {', '.join(sorted(origins))[:200]}.")


def _aborts(deployment: Deployment, name: str, settings: Mapping[str, Any]) -> None:
    if any(kind == "Delete" and "matchesPrefix" not in condition for kind, condition in _rules(settings)):
        deployment.findings.warning(
            SUBJECT, f"{LIFECYCLE} of {name}", "A rule deletes MP3s and posters, which are made again.", TERRAFORM
        )
    else:
        deployment.findings.ok(SUBJECT, f"{LIFECYCLE} of {name}", "Nothing that is in use is removed.")


def _private(deployment: Deployment, name: str, settings: Mapping[str, Any]) -> None:
    access = settings.get("iamConfiguration", {})
    uniform = access.get("uniformBucketLevelAccess", {}).get("enabled") is True
    if uniform and access.get("publicAccessPrevention") == "enforced":
        deployment.findings.ok(SUBJECT, f"{PRIVATE}: {name}", "Public access is prevented.")
    else:
        deployment.findings.wrong(SUBJECT, f"{PRIVATE}: {name}", "Public access is not prevented.", TERRAFORM)


def _rules(settings: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    rules = (settings.get("lifecycle") or {}).get("rule", [])
    return [(rule["action"]["type"], rule.get("condition", {})) for rule in rules]


async def _described(deployment: Deployment, name: str) -> Mapping[str, Any] | None:
    """Return a bucket's settings in the words of Cloud Storage's JSON API, None if they cannot be read."""
    findings, project = deployment.findings, deployment.project
    command = ["storage", "buckets", "describe", f"gs://{name}", "--raw", "--format=json", f"--project={project}"]
    again = " ".join(["gcloud", *command])
    program = shutil.which("gcloud")
    if program is None:
        findings.not_asked(SUBJECT, name, "gcloud is not installed here.", f"{again}   # where it is")
        return None
    process = await asyncio.create_subprocess_exec(
        program,
        *command,
        "--quiet",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate()
    except TimeoutError:
        findings.not_asked(SUBJECT, name, f"gcloud did not answer within {SECONDS} s.", again)
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        settings = json.loads(out) if process.returncode == 0 else None
    except ValueError:
        settings = None
    if isinstance(settings, dict):
        return settings
    said = err.decode(errors="replace").strip().splitlines()
    reason = said[-1][:300] if said else f"exit code {process.returncode}"
    findings.not_asked(SUBJECT, name, f"gcloud says: {reason}", f"gcloud auth login, roles/storage.bucketViewer; then {again}")
    return None
