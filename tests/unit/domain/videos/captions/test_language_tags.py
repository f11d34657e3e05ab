"""Language tags: one spelling for each, and nothing that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.videos.captions.language_tags import MAX_TAG_CHARACTERS, clean_language

TAGS = {
    "en": "en",
    "DE": "de",
    "PT-br": "pt-BR",
    "zh-hant-tw": "zh-Hant-TW",
    "ZH-HANS": "zh-Hans",
    "es-419": "es-419",
    "sgn-BE-FR": None,  # two regions
    "zh-yue-HK": "zh-yue-HK",
    "de-CH-1996": "de-CH-1996",
    "sl-Rozaj-BISKE-1994": "sl-rozaj-biske-1994",
    "de-1996-1996": None,
    "en-u-ca-gregory": "en-u-ca-gregory",
    "en-a-bbb-a-ccc": None,
    "de-CH-x-phonebk": "de-CH-x-phonebk",
    "fil": "fil",
    "yue": "yue",
}
"""Tags and their usual case (RFC 5646, sections 2.1.1 and 2.2, appendix A); None where they are not well-formed."""

NONE = ["", "e", "english", "deutsch", "en_US", "en-", "-en", "en--US", "en US", "en\n", "x-klingon", "i-klingon", "en-GB-oed"]
NONE += ["a" * 200, "../en", "en/US", "en%20", "ёё", "en-ÜS", "1n", "en-u", "en-x", "en.vtt", "de-" + "-".join(["abcde"] * 20)]


@pytest.mark.parametrize(("text", "tag"), TAGS.items())
def test_a_language_has_one_spelling(text: str, tag: str | None) -> None:
    if tag is None:
        with pytest.raises(InvalidRequest):
            clean_language(text)
    else:
        assert clean_language(text) == tag


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_tag_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        clean_language(text, field="language")
    assert refused.value.field == "language"
    assert "en or pt-BR" in refused.value.detail
    assert ("hyphens" in (refused.value.hint or "")) == ("_" in text)


@given(st.text(alphabet="abcxyzABC019-_ ü", max_size=MAX_TAG_CHARACTERS + 2))
def test_cleaning_is_final_and_case_does_not_matter(text: str) -> None:
    try:
        tag = clean_language(text)
    except InvalidRequest:
        return
    assert clean_language(tag) == tag == clean_language(text.upper())
    assert tag.lower() == text.lower()
