"""What viewers read: in each language for each code."""

from __future__ import annotations

import pytest

from reelgate.web.watch.messages import LANGUAGES, MESSAGES, UNKNOWN, message_of


def test_each_language_has_all_messages() -> None:
    assert {language: set(messages) for language, messages in LANGUAGES.items()} == {key: set(MESSAGES) for key in ("en", "de")}
    assert all(message.title and message.text for messages in LANGUAGES.values() for message in messages.values())


@pytest.mark.parametrize("code", ["grant_revoked", "bandwidth_limit_exceeded"])
def test_a_code_has_words_of_its_own(code: str) -> None:
    assert message_of(code) != UNKNOWN


def test_any_other_code_is_explained_in_general() -> None:
    assert message_of("a_new_one") == UNKNOWN
