"""docs/real-cloud.md names rows that live_check has; the front pages say that no real project has run this."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

import pytest

from ops import live_check
from tests.fixtures.openapi_document import ROOT

PAGE = (ROOT / "docs" / "real-cloud.md").read_text(encoding="utf-8")
LIVE_CHECK = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "ops" / "live_check").rglob("*.py")))


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_what_a_live_check_decides_has_a_row_there() -> None:
    modules = [import_module(found.name) for found in pkgutil.walk_packages(live_check.__path__, "ops.live_check.")]
    areas = {module.AREA for module in modules if hasattr(module, "AREA")}
    named = [area for row in rows("Open, and decided by a live check") for area in re.findall(r"`([a-z]+)`: ", row[2])]
    assert len(named) >= 5
    assert set(named) <= areas
    # Rows that the page quotes word by word.
    for question in (
        "what Pub/Sub's token looks like when it arrives",
        "no server process was killed for its silence",
        "X-Forwarded-For has the client and the proxies of REELGATE_PROXIES_IN_FRONT",
        "what confines the process in which FFmpeg runs",
        "what a client writes there itself stays in front of that",
        "what a usage log says of a range",
        "what a usage log says of a download that breaks off",
        "how late the usage log came, and how it says it",
    ):
        assert question in PAGE
        assert question in LIVE_CHECK


@pytest.mark.parametrize(
    "heading", ["Open, and decided by a live check", "Open, and seen in the first apply or the first month"]
)
def test_every_open_question_says_where_to_look_and_what_to_do(heading: str) -> None:
    found = rows(heading)
    assert found
    assert {len(row) for row in found} == {5 if "live check" in heading else 3}
    assert all(cell for row in found for cell in row)


@pytest.mark.parametrize("page", ["README.md", "terraform/README.md"])
def test_near_the_top_it_says_that_no_project_has_run_it_or_links_a_report(page: str) -> None:
    top = "\n".join((ROOT / page).read_text(encoding="utf-8").splitlines()[:20])
    assert "**No real Google Cloud project has run it yet.**" in top or re.search(r"\]\([^)]*live-check[^)]*\.md\)", top)
    assert "real-cloud.md" in top


def test_what_it_costs_while_idle_is_said_alike() -> None:
    for page in ("README.md", "terraform/README.md"):
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert re.search(r"about a dollar a month while idle", text), page
        assert "nothing to pay" not in text, page
