"""What the watch page says when there is nothing to play, in words for viewers, by the code of the problem."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """A heading, and a sentence about what the viewer can do."""

    title: str
    text: str


UNKNOWN = Message("Something went wrong", "The video cannot be played at the moment. Try again in a minute.")

MESSAGES: dict[str, Message] = {
    "grant_not_found": Message(
        "This link does not work", "It may be incomplete or mistyped. Ask the person who sent it to you for a new one."
    ),
    "grant_expired": Message("This link has expired", "Ask the person who sent it to you for a new one."),
    "grant_revoked": Message(
        "This link was taken back", "The owner of the video has ended it, so it can no longer be watched here."
    ),
    "grant_used_up": Message(
        "This link is used up", "It has played as much as its owner allowed. Ask the person who sent it to you for a new one."
    ),
    "video_unavailable": Message("This video is no longer available", "Its owner has removed it, or their account is closed."),
    "bandwidth_limit_exceeded": Message(
        "No more videos today", "The owner's data for today is used up. You can watch this video again tomorrow."
    ),
    "origin_not_allowed": Message(
        "This video cannot be played on this site",
        "Its owner allows other sites only. The link itself may work when you open it.",
    ),
    "preparing": Message(
        "This video is being prepared", "It was uploaded a moment ago. This page goes on by itself when it is ready."
    ),
    "not_playable": Message(
        "This video cannot be played in a browser",
        "Its format is one that browsers do not know. Ask its owner for another version.",
    ),
    "unsupported": Message(
        "This browser cannot play this video", "Try an up-to-date version of Chrome, Firefox, Safari or Edge."
    ),
    "network": Message("The connection was lost", "The video goes on when you are online again."),
    "unavailable": Message("The server does not answer", "Try again in a minute."),
    "too_many_requests": Message("Too many people are watching", "Try again in a minute."),
    "unknown": UNKNOWN,
}


def message_of(code: str) -> Message:
    """Return what to say about a problem."""
    return MESSAGES.get(code, UNKNOWN)
