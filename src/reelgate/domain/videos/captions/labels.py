"""Labels of captions: what players show in their menus."""

from __future__ import annotations

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.files.names import clean_title

MAX_LABEL_CHARACTERS = 60


def clean_label(text: str | None, *, field: str = "label") -> str | None:
    """Return a label of one line, or None when none was given.

    Raises:
        InvalidRequest: it is too long, or has a character that a playlist of HLS cannot have in a name (RFC 8216, section 4.2).
    """
    label = clean_title(text, field=field)
    if label is not None and (len(label) > MAX_LABEL_CHARACTERS or '"' in label):
        detail = f"The label must have 1 to {MAX_LABEL_CHARACTERS} characters, none of which is a straight double quote."
        raise InvalidRequest(detail, field=field)
    return label
