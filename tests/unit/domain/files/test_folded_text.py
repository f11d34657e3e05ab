"""What searches take for the same text, and what they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.files.folded_text import fold


@pytest.mark.parametrize(
    ("some", "others"),
    [
        ("Été", "ETE"),
        ("e\u0301te\u0301", "été"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ISPARTA ılık", "isparta ilik"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("Ærø", "AERO"),
        ("ﬁlm", "film"),
        ("ＦＩＬＭ１", "film1"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("Ёлка", "елка"),
        ("Việt", "viet"),
    ],
)
def test_case_accents_and_forms_do_not_matter(some: str, others: str) -> None:
    assert fold(some) == fold(others)


@pytest.mark.parametrize(("some", "others"), [("か", "が"), ("कि", "कु"), ("가", "각"), ("film", "fim"), ("a1", "a2")])
def test_marks_that_make_another_letter_do(some: str, others: str) -> None:
    assert fold(some) != fold(others)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
