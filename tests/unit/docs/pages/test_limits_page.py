"""docs/limits.md has every setting that is a number, with the default that docs/configuration.md gives."""

from __future__ import annotations

import re

import pytest

from tests.fixtures.openapi_document import ROOT

NOT_BOUNDS = {"REELGATE_SMTP_PORT"}


def cells(page: str) -> list[list[str]]:
    """Return the cells of every row of every table of a page."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines if line.startswith("| ")]


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, with the units of sizes: `52428800 (50 MiB)` has `52428800` and `50 MiB`."""
    return set(re.findall(r"\d+(?: [KMG]iB)?", re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)))


SETTINGS = {
    row[0].strip("`"): row[2].strip("`")
    for row in cells("configuration.md")
    if row[0].startswith("`REELGATE_") and re.match(r"`?\d", row[2]) and row[0].strip("`") not in NOT_BOUNDS
}
ROWS = [row for row in cells("limits.md") if row[0] != "bound"]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_numeric_setting_is_a_bound_with_its_default(name: str) -> None:
    rows = [row for row in ROWS if f"`{name}`" in row[2]]
    assert rows, f"docs/limits.md lacks {name}"
    assert any(numbers(row[1]) & numbers(SETTINGS[name]) for row in rows), f"{name} has another default: {rows}"


def test_every_row_has_a_bound_a_default_and_at_most_one_known_setting() -> None:
    known = {row[0].strip("`") for row in cells("configuration.md") if row[0].startswith("`REELGATE_")}
    assert [row for row in ROWS if len(row) != 4 or not row[0] or not row[1]] == []
    assert {name for row in ROWS for name in re.findall(r"REELGATE_\w+", row[2])} <= known


def test_a_bound_that_can_be_set_says_what_happens_beyond_it() -> None:
    assert [row for row in ROWS if row[2].startswith("`") and not row[3]] == []
