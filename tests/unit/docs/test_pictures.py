"""The Mermaid pictures can be drawn, as far as a test can tell without drawing them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "terraform" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURES = [(page.name, block) for page in PAGES for block in re.findall(r"```mermaid\n(.*?)```", page.read_text(), re.DOTALL)]


@pytest.mark.parametrize(("page", "picture"), PICTURES)
def test_no_statement_is_cut_by_a_semicolon(page: str, picture: str) -> None:
    assert ";" not in picture, f"{page}: a semicolon ends a statement"
    if picture.startswith("sequenceDiagram"):
        opened = len(re.findall(r"^\s*(?:alt|loop|opt|par)\b", picture, re.MULTILINE))
        assert opened == len(re.findall(r"^\s*end$", picture, re.MULTILINE))


def test_there_is_a_picture_of_the_architecture_and_of_an_upload_s_life() -> None:
    kinds = {picture.split()[0] for page, picture in PICTURES if page == "architecture.md"}
    assert kinds == {"flowchart", "sequenceDiagram"}
