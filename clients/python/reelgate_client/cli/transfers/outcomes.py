"""What became of each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelgate_client.cli import words
from reelgate_client.cli.exit_codes import ExitCode, exit_code_of_all
from reelgate_client.cli.output import Output, error_document
from reelgate_client.errors import ReelgateError


@dataclass(frozen=True, slots=True)
class Item:
    """A file, and the name that it gets."""

    path: Path
    filename: str
    size: int = 0
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: `uploaded`, `present` (it was there already), `planned` or `failed`."""

    item: Item
    outcome: str
    video_id: str | None = None
    error: ReelgateError | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "file": str(self.item.path),
            "filename": self.item.filename,
            "size": self.item.size,
            "outcome": self.outcome,
            "video_id": self.video_id,
            "error": error_document(self.error),
        }


def show(output: Output, outcome: Outcome) -> None:
    """Print what became of a file, as soon as it is known."""
    if output.as_json:
        output.document(outcome.document())
    elif outcome.error is not None:
        output.error(outcome.error, about=outcome.item.filename)
    elif outcome.outcome == "uploaded":
        output.line(f"{outcome.video_id}  {outcome.item.filename}")
    elif outcome.outcome == "planned":
        output.line(f"would upload  {outcome.item.filename}  ({words.size(outcome.item.size)})")
    else:
        output.note(f"{outcome.item.filename} is there already.")


def sum_up(output: Output, outcomes: Sequence[Outcome]) -> ExitCode:
    """Say how it went as a whole; returns the exit code."""
    count = {kind: sum(one.outcome == kind for one in outcomes) for kind in ("uploaded", "present", "planned", "failed")}
    said = [f"{number} {kind}" for kind, number in count.items() if number]
    if len(outcomes) > 1:
        output.note(f"{words.several(len(outcomes), 'file')}: {', '.join(said)}.")
    return exit_code_of_all(one.error for one in outcomes)
