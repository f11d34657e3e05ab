"""Titles of finished videos: one line of text, or none."""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain.books.account import Account
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video


def set_title(account: Account, video: Video, title: str | None) -> Change | None:
    """Return the change that sets or removes a title; None if it is unchanged.

    The account does not change, so there is no entry.
    """
    if video.title == title:
        return None
    return Change(account=account, replace_video=replace(video, title=title))
