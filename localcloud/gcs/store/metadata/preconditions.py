"""Generation and metageneration conditions on a request, checked against the live object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from localcloud.gcs.errors import NotModifiedError, Refusal, StorageError


class Versioned(Protocol):
    """The state that conditions are checked against."""

    @property
    def generation(self) -> int: ...
    @property
    def metageneration(self) -> int: ...


@dataclass(frozen=True)
class Preconditions:
    """What must be true of the live object. `generation_match=0` means that there is none."""

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str], prefix: str = "if") -> "Preconditions":
        """Read ifGenerationMatch and the rest; prefix `ifSource` for the source of a copy."""
        return cls(
            _number(query, f"{prefix}GenerationMatch"),
            _number(query, f"{prefix}GenerationNotMatch"),
            _number(query, f"{prefix}MetagenerationMatch"),
            _number(query, f"{prefix}MetagenerationNotMatch"),
        )

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "Preconditions":
        """Read x-goog-if-generation-match and x-goog-if-metageneration-match."""
        return cls(
            generation_match=_number(headers, "x-goog-if-generation-match"),
            metageneration_match=_number(headers, "x-goog-if-metageneration-match"),
        )

    def check_write(self, live: Versioned | None) -> None:
        """Raises StorageError (412) if the object may not be written."""
        if self._unmet_match(live) or self._unmet_not_match(live):
            raise StorageError(Refusal.PRECONDITION_FAILED)

    def check_read(self, live: Versioned) -> None:
        """Raises StorageError (412), or NotModifiedError (304) for an unmet ...NotMatch."""
        if self._unmet_match(live):
            raise StorageError(Refusal.PRECONDITION_FAILED)
        if self._unmet_not_match(live):
            raise NotModifiedError

    def _unmet_match(self, live: Versioned | None) -> bool:
        generation, metageneration = _version(live)
        return self.generation_match not in {None, generation} or self.metageneration_match not in {
            None,
            metageneration,
        }

    def _unmet_not_match(self, live: Versioned | None) -> bool:
        generation, metageneration = _version(live)
        return generation == self.generation_not_match or (live is not None and metageneration == self.metageneration_not_match)


def _version(live: Versioned | None) -> tuple[int, int | None]:
    return (0, None) if live is None else (live.generation, live.metageneration)


def _number(source: Mapping[str, str], name: str) -> int | None:
    text = source.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid value for {name}: {text}")
    return int(text)
