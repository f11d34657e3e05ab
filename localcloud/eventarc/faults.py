"""Faults on request: duplicates, delays, reordering, held events and refused attempts."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any


class InvalidFaults(Exception):
    """The requested faults are invalid; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Which faults happen to events that arrive from now on; `hold` and `drop_first_attempts` also to pending ones.

    Args:
        duplicate_probability: share of events that are delivered twice, 0 to 1.
        duplicate_every: every N-th event is delivered twice; 0 for none.
        duplicate_ids: whether the second delivery carries the "same" ce-id, a "new" one, or "either" by chance.
        delay_ms: least and greatest delay of an event, drawn per event.
        hold: deliver nothing until released.
        reorder_window: events are collected up to this number, or for `reorder_wait_ms`, then sent in another order.
        drop_first_attempts: this many first attempts of each delivery never reach the target and count as refused.
        seed: makes all random draws repeatable.
    """

    duplicate_probability: float = 0.0
    duplicate_every: int = 0
    duplicate_ids: str = "either"
    delay_ms: tuple[float, float] = (0.0, 0.0)
    hold: bool = False
    reorder_window: int = 0
    reorder_wait_ms: float = 200.0
    drop_first_attempts: int = 0
    seed: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.duplicate_probability <= 1:
            raise InvalidFaults("duplicate_probability: from 0 to 1")
        if min(self.duplicate_every, self.reorder_window, self.reorder_wait_ms, self.drop_first_attempts) < 0:
            raise InvalidFaults("duplicate_every, reorder_window, reorder_wait_ms, drop_first_attempts: 0 or more")
        if self.duplicate_ids not in {"same", "new", "either"}:
            raise InvalidFaults("duplicate_ids: same, new or either")
        if not 0 <= self.delay_ms[0] <= self.delay_ms[1]:
            raise InvalidFaults("delay_ms: two numbers, the smaller one first, not below 0")

    @classmethod
    def from_json(cls, document: object) -> "Faults":
        """Return the faults in a JSON object; faults that are not named are off. Raises InvalidFaults."""
        if not isinstance(document, dict):
            raise InvalidFaults("a JSON object is expected")
        defaults = asdict(cls())
        for name, value in document.items():
            if name not in defaults:
                raise InvalidFaults(f"{name}: unknown; known are {', '.join(defaults)}")
            if not _like(value, defaults[name], name):
                raise InvalidFaults(f"{name}: {value!r} is not possible")
        given: dict[str, Any] = dict(document)
        if "delay_ms" in given:
            given["delay_ms"] = (given["delay_ms"][0], given["delay_ms"][1])
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """Return every setting, as `from_json` takes it."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _like(value: object, default: object, name: str) -> bool:
    """Return whether `value` has the type of the setting `name`."""
    if name == "seed":
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, tuple):
        return isinstance(value, list) and len(value) == 2 and all(_like(one, 0.0, "") for one in value)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


@dataclass(slots=True)
class Chances:
    """Draws, from one seed, what happens to each event."""

    faults: Faults
    _random: random.Random = field(init=False)
    _seen: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._random = random.Random(self.faults.seed)  # noqa: S311 (not for secrets: repeatable on purpose)

    def ce_ids(self, ce_id: str) -> list[str]:
        """Return the ce-id of each delivery of the next event: one, or two when it is duplicated."""
        self._seen += 1
        every = self.faults.duplicate_every
        chosen = self._random.random() < self.faults.duplicate_probability
        if not chosen and not (every and self._seen % every == 0):
            return [ce_id]
        kind = self.faults.duplicate_ids
        if kind == "either":
            kind = self._random.choice(["same", "new"])
        return [ce_id, ce_id if kind == "same" else f"{ce_id}-{self._random.getrandbits(32):08x}"]

    def delay_seconds(self) -> float:
        """Return how late the next delivery is."""
        return self._random.uniform(*self.faults.delay_ms) / 1000

    def another_order[Item](self, items: Sequence[Item]) -> list[Item]:
        """Return the items shuffled, never in the order they came (unless there is only one)."""
        shuffled = list(items)
        self._random.shuffle(shuffled)
        return shuffled[::-1] if shuffled == list(items) else shuffled
