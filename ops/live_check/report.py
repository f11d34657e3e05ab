"""What was found: promises that held or not, and how the real service answers where its documentation is silent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

HELD, BROKEN, AGREES, DIFFERS, ANSWER = "held", "BROKEN", "agrees", "DIFFERS", "answer"
NOT_YET, NOT_ASKED = "not yet", "not asked"

# Signed URLs and sessions are as good as passwords while they live.
_SECRETS = re.compile(r"(X-Goog-Signature=|X-Goog-Credential=|upload_id=|Bearer )[^&\s\"'<>]+", re.IGNORECASE)


class PromiseBroken(Exception):
    """Something was not as promised; what depends on it cannot be asked any more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was asked, what the service did, what was promised or is assumed, and whether they agree."""

    area: str
    question: str
    seen: str
    expected: str
    verdict: str


@dataclass
class Report:
    """All findings so far. `say` gets each line; nothing that is a secret gets into one."""

    say: Callable[[str], None] = print
    findings: list[Finding] = field(default_factory=list)
    _secrets: set[str] = field(default_factory=set)

    def keep_secret(self, *secrets: str) -> None:
        """Never print these."""
        self._secrets.update(secret for secret in secrets if secret)

    def promise(self, area: str, question: str, held: object, seen: str, expected: str) -> None:
        """Note whether a promise of this product held. Raises PromiseBroken if not."""
        self._add(area, question, seen, expected, HELD if held else BROKEN)
        if not held:
            raise PromiseBroken(question)

    def assumption(self, area: str, question: str, seen: str, assumed: str) -> None:
        """Note what the service does where our storage emulator, or the local gateway, had to assume something."""
        self._add(area, question, seen, assumed, AGREES if seen == assumed else DIFFERS)

    def answer(self, area: str, question: str, seen: str) -> None:
        """Note what the service does where nothing was promised or assumed."""
        self._add(area, question, seen, "", ANSWER)

    def not_yet(self, area: str, question: str, why: str) -> None:
        """Note what was asked, and is answered by a later run."""
        self._add(area, question, why, "", NOT_YET)

    def not_asked(self, area: str, question: str, why: str) -> None:
        """Note what could not be asked."""
        self._add(area, question, why, "", NOT_ASKED)

    def table(self) -> str:
        """Return all findings as a Markdown table."""
        rows = [("", "question", "what the service did", "promised, or assumed by the emulator", "")]
        rows += [(one.area, one.question, one.seen, one.expected, one.verdict) for one in self.findings]
        lines = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
        return "\n".join([lines[0], "|---|---|---|---|---|", *lines[1:]])

    def summary(self) -> str:
        """Return how many of each verdict there are."""
        verdicts = [one.verdict for one in self.findings]
        return ", ".join(
            f"{verdicts.count(each)} {each}"
            for each in (HELD, BROKEN, AGREES, DIFFERS, ANSWER, NOT_YET, NOT_ASKED)
            if each in verdicts
        )

    def count(self, verdict: str) -> int:
        """Return how many findings have a verdict."""
        return sum(one.verdict == verdict for one in self.findings)

    def clean(self, text: str) -> str:
        """Return a text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _SECRETS.sub(r"\1***", text)

    def _add(self, area: str, question: str, seen: str, expected: str, verdict: str) -> None:
        finding = Finding(area, question, self.clean(seen), self.clean(expected), verdict)
        self.findings.append(finding)
        self.say(f"{verdict:9} {area}: {question}: {finding.seen}")
