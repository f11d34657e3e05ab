"""Links to posters: addresses of the API that redirect whoever has one to the poster, without a token, for a limited time.

A page of videos shows dozens of posters, and a browser's `<img>` sends no token. Where each signed URL costs a call to IAM, the
list has links instead, which cost nothing to make; only those that are opened are signed (docs/adr/0023-posters-in-lists.md).

A link ends with its capability: an HMAC over the start of the file's window (`stream_windows`), with a random secret that only
the file's record of derived media has. It cannot be guessed, works as long as the window's signed URLs do, and is void once the
record is deleted with its video.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from urllib.parse import quote

from reelgate.domain.videos.stream_windows import StreamWindow

PATH = "/v1/posters/{user_id}/{video_id}/{capability}"

_CAPABILITY_BYTES = 18  # 144 bits, which are 24 characters of base64 without padding
_CAPABILITY = re.compile(r"[A-Za-z0-9_-]{24}")


def poster_path(uid: str, window: StreamWindow, secret: str) -> str:
    """Return the path of the link to a file's poster in a window. `secret` is that of the file's record."""
    return PATH.format(user_id=quote(uid, safe=""), video_id=window.file_id, capability=capability(window, secret))


def capability(window: StreamWindow, secret: str) -> str:
    """Return what proves that a link was made by someone who knows the secret: 24 characters that are safe in a URL."""
    text = f"{window.file_id} {window.starts_at.isoformat()} {window.seconds}"
    return urlsafe_b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")[:_CAPABILITY_BYTES]).decode()


def is_capability(text: str) -> bool:
    """Return whether a text has the form of a capability."""
    return _CAPABILITY.fullmatch(text) is not None


def window_of_link(given: str, current: StreamWindow, secret: str) -> StreamWindow | None:
    """Return the window that a capability is for; None if it is wrong or expired.

    Args:
        given: has the form of a capability (`is_capability`).
        current: the file's window of this moment. Links of the window before it work until its signed URLs expire.
    """
    found = None
    for window in (current, current.previous):  # always both: the time it takes says nothing about either
        if hmac.compare_digest(capability(window, secret), given):
            found = window
    return found
