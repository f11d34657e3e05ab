"""What counted operations cost."""

from __future__ import annotations

# US dollars, list prices of November 2026 as far as they are known; the rest has to be looked up (terraform/README.md).
PRICES = {
    "reads": 0.03 / 100_000,
    "writes": 0.09 / 100_000,
    "deletes": 0.01 / 100_000,
    "class_a": 0.005 / 1000,
    "class_b": 0.0004 / 1000,
}


def dollars_per_million(row: dict[str, int]) -> float:
    """Return what a million of these cost for the operations whose prices are known."""
    return 1_000_000 * sum(row[kind] * price for kind, price in PRICES.items())
