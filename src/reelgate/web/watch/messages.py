"""What the watch page says when there is nothing to play, in words for viewers, by the code of the problem.

The sentences are in messages.json, which `<reelgate-player>` (clients/js) is built with, too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple


class Message(NamedTuple):
    """A heading, and a sentence about what the viewer can do."""

    title: str
    text: str


LANGUAGES: dict[str, dict[str, Message]] = {
    language: {code: Message(**said) for code, said in messages.items()}
    for language, messages in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")).items()
}
"""By language; each has a message for every code that another has."""

MESSAGES = LANGUAGES["en"]
"""Those of the watch page."""

UNKNOWN = MESSAGES["unknown"]


def message_of(code: str) -> Message:
    """Return what to say about a problem."""
    return MESSAGES.get(code, UNKNOWN)
