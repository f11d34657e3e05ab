"""What a command prints: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from reelgate_client.errors import ReelgateError
from reelgate_client.models.decode import to_json


class Output:
    """Prints for people, or with `as_json` for programs; `quiet` leaves out all but results and errors."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._results = Console(highlight=False, soft_wrap=True, emoji=False)

    @property
    def shows_progress(self) -> bool:
        """Whether somebody is watching who wants to see progress."""
        return self.console.is_terminal and not (self.as_json or self.quiet)

    def result(self, value: Any, text: str) -> None:
        """Print a result: one JSON document, or one or more lines of text."""
        if self.as_json:
            self.document(value)
        else:
            self.line(text)

    def document(self, value: Any) -> None:
        """Print one JSON document on one line, with the API's field names."""
        sys.stdout.write(json.dumps(to_json(value), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """Print a line as it is."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> None:
        """Print a table; `right` are the columns of numbers."""
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for number, heading in enumerate(headings):
            table.add_column(heading, justify="right" if number in right else "left", no_wrap=True, overflow="fold")
        for row in rows:
            table.add_row(*(_plain(cell) for cell in row))
        console = self._results if self._results.is_terminal else Console(width=1000, highlight=False, emoji=False)
        console.print(table)

    def note(self, text: str) -> None:
        """Say something that is no result."""
        if not self.quiet and not self.as_json:
            self.console.print(text, markup=False)

    def warn(self, text: str) -> None:
        """Say something that should be noticed."""
        if not self.quiet:
            self.console.print(f"Warning: {text}", markup=False, style="yellow")

    def error(self, error: ReelgateError, *, about: str | None = None) -> None:
        """Say what went wrong: a sentence, or one JSON document on stderr."""
        if self.as_json:
            sys.stderr.write(json.dumps({"error": error_document(error)}, ensure_ascii=False) + "\n")
            return
        text = f"{about}: {error.detail}" if about else error.detail
        self.console.print(text, markup=False, style="red")
        if error.request_id and error.status and error.status >= 500:
            self.console.print(f"(request {error.request_id})", markup=False, style="dim")


def error_document(error: ReelgateError | None) -> dict[str, Any] | None:
    """Return an error as JSON."""
    if error is None:
        return None
    shown = {
        "code": error.code,
        "detail": error.detail,
        "hint": error.hint,
        "status": error.status,
        "request_id": error.request_id,
        "retry_after": error.retry_after,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _plain(cell: str) -> str:
    """Return text without what a terminal would carry out, and without markup."""
    return "".join(one if one.isprintable() else "�" for one in cell).replace("[", r"\[")
