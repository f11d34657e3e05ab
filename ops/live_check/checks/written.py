"""A run as a page of Markdown, to keep beside a deployment or to link: when, what, with which versions, and every finding."""

from __future__ import annotations

import argparse
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ops.live_check.target import Target

ROOT = Path(__file__).resolve().parents[3]


def page(target: Target, given: argparse.Namespace, started: datetime, left: Sequence[str]) -> str:
    """Return the page. What the report keeps secret is not in it; names of projects, buckets and users are."""
    seconds = (datetime.now(UTC) - started).total_seconds()
    facts = {
        "date": f"{started:%Y-%m-%d %H:%M} UTC, {seconds:.0f} seconds",
        "deployment": f"{target.api_url}, " + ("the local cloud" if given.local else f"project {given.project}"),
        "checked with": f"Reelgate {_version()}, Python {platform.python_version()}",
        "options": ", ".join(_options(given)) or "none",
        "as an admin, too": "yes" if target.admin_token else "no",
        "result": target.report.summary(),
        "left behind": "; ".join(left) or "nothing",
    }
    lines = ["# Live check", "", "| | |", "|---|---|", *(f"| {name} | {_cell(text)} |" for name, text in facts.items())]
    explained = (
        "`held` and `BROKEN` are promises. `agrees` and `DIFFERS` say whether the service does what the emulators assume, on"
        " which nothing depends; `answer` is a result without any assumption. `not yet` is answered by a later run."
    )
    return target.report.clean("\n".join([*lines, "", target.report.table(), "", explained, ""]))


def _version() -> str:
    try:
        number = version("reelgate")
    except PackageNotFoundError:
        number = "of unknown version"
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return number
    return f"{number} ({done.stdout.strip()})" if done.returncode == 0 else number


def _options(given: argparse.Namespace) -> list[str]:
    named = ("local", "register", "email", "origin", "probe_url", "usage_logs", "skip_large", "strict")
    shown = [f"--{name.replace('_', '-')}" for name in named if getattr(given, name)]
    return [*shown, *(["--video"] if given.video else []), f"--pause {given.pause:g}"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
