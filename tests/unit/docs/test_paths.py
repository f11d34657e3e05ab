"""Paths that the docs for contributors name exist."""

from __future__ import annotations

import re

import pytest

from tests.fixtures.openapi_document import ROOT

PATH = re.compile(r"`([a-z_][\w/.-]*(?:\.py|/))`")
PAGES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    paths = set(PATH.findall((ROOT / page).read_text(encoding="utf-8")))
    assert len(paths) >= 20
    missing = [path for path in sorted(paths) if not (ROOT / path).exists() and not (ROOT / "src" / "reelgate" / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_tree_has_every_room(page: str) -> None:
    [tree] = [block for block in (ROOT / page).read_text(encoding="utf-8").split("```") if "src/reelgate/\n" in block]
    named = set(re.findall(r"\b([a-z_0-9]+)/", tree))
    layers = [layer for layer in (ROOT / "src" / "reelgate").iterdir() if (layer / "__init__.py").exists()]
    rooms = [room for layer in layers for room in layer.iterdir() if (room / "__init__.py").exists()]
    assert len(rooms) > 20
    assert sorted(entry.name for entry in [*layers, *rooms] if entry.name not in named) == []
