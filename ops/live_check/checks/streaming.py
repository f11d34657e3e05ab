"""Question 7: how much a function may stream. A function of its own is asked, since no answer of Reelgate's is that long."""

from __future__ import annotations

import httpx

from ops.live_check.target import Target

AREA = "functions"
QUESTION = "7. is a streamed answer capped at 10 MB"
MIB = 1024 * 1024
STREAMED_MIB = 40
ASSUMED = f"{STREAMED_MIB} of {STREAMED_MIB} MiB"


def ask_probe(target: Target, probe_url: str | None, identity_token: str) -> None:
    """Ask the deployed probe function for more than the cap, and note how much came.

    Args:
        identity_token: for a function that is not open to all; empty where there is no IAM in front of it.
    """
    if not probe_url:
        target.report.not_asked(AREA, QUESTION, "deploy ops/live_check/probe_function and say --probe-url")
        return
    target.report.keep_secret(identity_token)
    headers = {"Authorization": f"Bearer {identity_token}"} if identity_token else {}
    received = 0
    try:
        with target.web.stream("GET", probe_url, params={"mib": STREAMED_MIB}, headers=headers) as answer:
            if answer.status_code != 200:
                target.report.not_asked(AREA, QUESTION, f"the probe answered {answer.status_code}")
                return
            for piece in answer.iter_bytes():
                received += len(piece)
    except httpx.TransportError as error:
        target.report.assumption(AREA, QUESTION, f"{type(error).__name__} after {received / MIB:.1f} MiB", ASSUMED)
        return
    target.report.assumption(AREA, QUESTION, f"{received / MIB:g} of {STREAMED_MIB} MiB", ASSUMED)
