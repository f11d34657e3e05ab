"""Amounts of bytes as people read them."""

from __future__ import annotations

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


def human_size(size_bytes: int) -> str:
    """Return a size with one decimal in the largest unit that leaves 1 or more of it: `41.0 MiB`, `512 bytes`."""
    if size_bytes < 1024:
        return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"
    value = float(size_bytes)
    for unit in _UNITS:
        value /= 1024
        if value < 1023.95:  # a value that rounds to 1024.0 is shown in the next unit
            return f"{value:.1f} {unit}"
    return f"{value:.1f} {_UNITS[-1]}"
