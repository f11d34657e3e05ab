"""What a check says: problems, each a sentence, and figures against their bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that costs: the largest value that was measured, where, and the operator's number; None if there is none."""

    name: str
    measured: float
    bound: float | None
    where: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is within its bound."""
        return self.bound is None or self.measured <= self.bound


@dataclass
class Findings:
    """Problems by check, with all of them counted and the first of them shown."""

    problems: list[str] = field(default_factory=list)
    count: int = 0
    checked: dict[str, int] = field(default_factory=dict)

    def problem(self, what: str) -> None:
        """Note a problem."""
        self.count += 1
        if len(self.problems) < MAX_SHOWN:
            self.problems.append(what)

    def same(self, what: str, found: object, expected: object) -> None:
        """Note a problem unless two values are the same."""
        if found != expected:
            self.problem(f"{what}: {found}, expected {expected}")

    def count_checked(self, what: str, number: int = 1) -> None:
        """Note how many of something were checked."""
        self.checked[what] = self.checked.get(what, 0) + number
