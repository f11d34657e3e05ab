"""What axe finds wrong in a page for people who use it by keyboard, by ear, or with little contrast (WCAG 2.2 AA)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.browser.support.chromium import DRIVER, Page
from tests.fixtures.node_packages import node_packages

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page, within: str = "html", *, without: tuple[str, ...] = ()) -> list[str]:
    """Return one line for each element and rule that it breaks, shadow roots included.

    Args:
        within: the selector of what is looked at.
        without: rules that are not asked, as "region" for a part that is no page.
    """
    page.evaluate(f"{_axe()}\n;true")
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": RULES},
        "resultTypes": ["violations"],
        "rules": {rule: {"enabled": False} for rule in without},
    }
    found = page.evaluate(f"axe.run({json.dumps(within)}, {json.dumps(options)}).then((found) => found.violations)")
    return [
        f"{rule['id']} ({rule['help']}): {' '.join(map(str, node['target']))} {node['html']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@cache
def _axe() -> str:
    return (node_packages(DRIVER) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
