"""terraform/README.md has the variables, outputs and counts that there are, and its commands and links lead somewhere."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from bench.billed.prices import dollars_per_million
from ops.__main__ import COMMANDS
from tests.fixtures.terraform.tables import ROOT, TERRAFORM, billed, outputs, variables

README = (TERRAFORM / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [variables, outputs, billed])
def test_the_tables_are_what_they_are_about(table: object) -> None:
    assert table() in README, "python -m tests.fixtures.terraform.tables prints them"  # type: ignore[operator]


def test_what_is_said_of_an_upload_is_what_was_counted() -> None:
    upload = json.loads((ROOT / "bench" / "billed" / "billed.json").read_text())["upload"]
    said = re.search(r"An upload .* is (\d+) reads and (\d+) writes", README)
    assert said is not None
    assert (int(said[1]), int(said[2])) == (upload["reads"], upload["writes"])


def test_the_example_adds_up() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([\d.]+) \| (?:\w+ )?\| ([\d.]+)( per million)? \| ([\d.]+) \|$",
        README.split("### An example")[1],
        re.MULTILINE,
    )
    assert len(rows) >= 10
    cents = 0
    for what, many, price, per_million, dollars in rows:
        exact = Decimal(many) * Decimal(price) / (1_000_000 if per_million else 1)
        assert round(exact, 2) == Decimal(dollars), what
        cents += round(Decimal(dollars) * 100)
    [together] = re.findall(r"^\| \*\*together\*\* \|.*\*\*([\d.]+)\*\* \|$", README, re.MULTILINE)
    assert Decimal(together) * 100 == cents


def test_the_example_takes_the_prices_that_were_counted() -> None:
    counted = json.loads((ROOT / "bench" / "billed" / "billed.json").read_text())
    taken = dict(re.findall(r"^\| operations: ([^|]+) \| \d+ \| \| ([\d.]+) per million", README, re.MULTILINE))
    steps = {"uploads": ["upload"], "streams": ["stream"], "logins": ["log in"], "lists": ["list 2 files"]}
    steps["deletes and purges"] = ["delete", "purge"]
    prices = {name: f"{sum(dollars_per_million(counted[step]) for step in of):.2f}" for name, of in steps.items()}
    assert taken == prices


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page",
    [
        "terraform/README.md",
        "README.md",
        "docs/operations.md",
        "docs/real-cloud.md",
        "docs/adr/README.md",
        "docs/adr/0015-storage-events.md",
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    here, text = ROOT / page, (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        there = (here.parent / file).resolve() if file else here
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target


def test_alerts_name_runbooks_that_there_are() -> None:
    named = re.findall(r'[Rr]unbook \\"([^"\\]+)\\"', (TERRAFORM / "alerts.tf").read_text(encoding="utf-8"))
    headings = re.findall(r"^## (.*)$", OPERATIONS, re.MULTILINE)
    assert len(named) >= 3
    assert set(named) <= set(headings)


def test_every_command_of_operations_is_in_the_runbook() -> None:
    assert set(re.findall(r"python -m ops ([a-z-]+)", OPERATIONS)) == COMMANDS.keys()
