"""The console's style sheet: dark by the device and dark by the switch are two lists of colours, which must be the same."""

from __future__ import annotations

import re

from tests.fixtures.openapi_document import ROOT

TOKENS = (ROOT / "clients" / "console" / "src" / "styles" / "tokens.css").read_text(encoding="utf-8")


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+|color-scheme):\s*([^;]+);", block))


def test_dark_is_dark_however_it_was_chosen() -> None:
    by_device = re.search(r'prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme="light"\]\) \{(.*?)\}', TOKENS, re.DOTALL)
    by_switch = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', TOKENS, re.DOTALL)
    assert by_device is not None
    assert by_switch is not None
    assert colours(by_device[1]) == colours(by_switch[1])
    assert len(colours(by_device[1])) > 20
