"""Sizes and lengths of time as people read them."""

from __future__ import annotations

import pytest

from reelgate.domain.books.instants import human_seconds
from reelgate.domain.files.sizes import human_size, human_sizes


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1536, "1.5 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (18_500_000, "18.5 MB"),
        (52_428_800, "52.4 MB"),
        (5 * 1024**3, "5.4 GB"),
        (2**53, "9.0 PB"),
        (2**63, "9223.4 PB"),
    ],
)
def test_sizes_for_people(size: int, shown: str) -> None:
    assert human_size(size) == shown


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (18_500_000, 12_200_000, ("18.5 MB", "12.2 MB")),
        (12_200_001, 12_200_000, ("12,200,001 bytes", "12,200,000 bytes")),
        (1_000, 999, ("1.0 kB", "999 bytes")),
        (18_500_000, 0, ("18.5 MB", "0 bytes")),
    ],
)
def test_two_sizes_never_look_the_same(one: int, other: int, shown: tuple[str, str]) -> None:
    assert human_sizes(one, other) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1, "1 second"),
        (40, "40 seconds"),
        (120, "120 seconds"),
        (121, "3 minutes"),
        (900, "15 minutes"),
        (7200, "120 minutes"),
        (7201, "3 hours"),
        (86_400, "24 hours"),
    ],
)
def test_nobody_is_asked_to_come_back_too_early(seconds: int, shown: str) -> None:
    assert human_seconds(seconds) == shown
