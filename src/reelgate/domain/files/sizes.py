"""Sizes as people read them. Everywhere else a size is a number of bytes."""

from __future__ import annotations

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def human_size(size_bytes: int) -> str:
    """Return a size with one decimal in the largest unit that leaves 1 or more of it: `18.5 MB`, `512 bytes`.

    The units are decimal (1 MB is 1,000,000 bytes), as on telephones, on Macs and in what is sold as storage.
    """
    if size_bytes < 1000:
        return exact_size(size_bytes)
    value = float(size_bytes)
    for unit in _UNITS:
        value /= 1000
        if value < 999.95:  # a value that rounds to 1000.0 is shown in the next unit
            return f"{value:.1f} {unit}"
    return f"{value:.1f} {_UNITS[-1]}"


def exact_size(size_bytes: int) -> str:
    """Return a size to the byte: `12,200,001 bytes`."""
    return "1 byte" if size_bytes == 1 else f"{size_bytes:,} bytes"


def human_sizes(one: int, other: int) -> tuple[str, str]:
    """Return two different sizes that a sentence compares: to the byte where rounding would make them look the same."""
    shown = human_size(one), human_size(other)
    return (exact_size(one), exact_size(other)) if shown[0] == shown[1] else shown
