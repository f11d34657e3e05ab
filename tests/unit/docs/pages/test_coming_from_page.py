"""docs/coming-from.md names routes that exist, on both sides."""

from __future__ import annotations

import re

from tests.fixtures.openapi_document import ROOT, document

PAGE = (ROOT / "docs" / "coming-from.md").read_text(encoding="utf-8")


def test_every_path_exists() -> None:
    named = {path.partition("?")[0] for path in re.findall(r"`(?:[A-Z]+ )?(/[a-z][^`\s]*)`", PAGE)} - {"/v1"}
    assert len(named) > 30
    assert sorted(named - document()["paths"].keys()) == []


def test_every_service_is_there() -> None:
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[:5] == [
        "Video storage",
        "Usage monitoring",
        "Chunked upload",
        "Video to MP3",
        "Video streaming",
    ]
