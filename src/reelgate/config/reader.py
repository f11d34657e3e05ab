"""Reading variables of the environment, and collecting the errors in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


class Reader:
    """Reads variables and collects the errors in `problems`, instead of stopping at the first one."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def required(self, name: str) -> str:
        value = self._env.get(name, "")
        if not value:
            self.problems.append(f"{name} is missing")
        return value

    def optional(self, name: str) -> str | None:
        return self._env.get(name) or None

    def bucket(self, name: str) -> str:
        value = self.required(name)
        if value and not BUCKET.fullmatch(value):
            self.problems.append(f"{name}: '{value}' is not the name of a bucket")
        return value

    def whole(self, name: str, default: int, *, minimum: int = 1, maximum: int = 2**62) -> int:
        def parse(text: str) -> int:
            number = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else -1
            if not minimum <= number <= maximum:
                raise ValueError(f"must be from {minimum} to {maximum}")
            return number

        return self.parsed(name, default, parse)

    def choice[T: str](self, name: str, default: T, choices: tuple[T, ...]) -> T:
        value = cast("T", self._env.get(name) or default)
        if value not in choices:
            self.problems.append(f"{name} must be one of {', '.join(choices)}, not '{value}'")
        return value

    def parsed[T](self, name: str, default: Any, parse: Callable[[str], T]) -> T:
        text = self._env.get(name)
        if not text:
            return cast("T", default)
        try:
            return parse(text)
        except (ValueError, KeyError) as error:
            self.problems.append(f"{name}: {error}")
            return cast("T", default)


def words(text: str) -> tuple[str, ...]:
    """Return the items of a comma-separated list."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
