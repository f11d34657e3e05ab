"""What was found: one line for each question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The answer to a question."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An answer.

    Attributes:
        subject: the part of the deployment.
        question: what was looked at.
        detail: what is so, in one sentence. It has no tokens and no signed URLs.
        mend: the command or change that mends it, or that lets it be asked.
    """

    subject: str
    question: str
    state: State
    detail: str
    mend: str | None = None


class Findings:
    """Keeps what was found, and shows it at once."""

    def __init__(self, show: Callable[[Finding], None]) -> None:
        self.items: list[Finding] = []
        self._show = show

    def ok(self, subject: str, question: str, detail: str) -> None:
        """Note that something is as it should be."""
        self._add(subject, question, State.OK, detail, None)

    def warning(self, subject: str, question: str, detail: str, mend: str | None = None) -> None:
        """Note that something works, but should be looked at."""
        self._add(subject, question, State.WARNING, detail, mend)

    def wrong(self, subject: str, question: str, detail: str, mend: str | None = None) -> None:
        """Note that something does not work."""
        self._add(subject, question, State.WRONG, detail, mend)

    def not_asked(self, subject: str, question: str, detail: str, mend: str | None = None) -> None:
        """Note why something was not asked, and how it can be."""
        self._add(subject, question, State.NOT_ASKED, detail, mend)

    def count(self, state: State) -> int:
        """Return how many answers are of a kind."""
        return sum(item.state is state for item in self.items)

    def _add(self, subject: str, question: str, state: State, detail: str, mend: str | None) -> None:
        # Texts of servers are among them: a terminal must not carry anything out.
        detail = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in detail)
        finding = Finding(subject=subject, question=question, state=state, detail=detail, mend=mend)
        self.items.append(finding)
        self._show(finding)
