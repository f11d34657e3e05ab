"""The mail that a video's MP3 is ready."""

from __future__ import annotations

from urllib.parse import quote

from reelgate.domain.notifications.deliveries import Event
from reelgate.ports.notifications import Mail
from reelgate.use_cases.notifications.mails.amounts import human_size
from reelgate.use_cases.notifications.mails.facts import number_of, text_of
from reelgate.use_cases.notifications.mails.layout import Sender, lay_out, shortened

MUTE = 'To stop these mails: PATCH /me with {"mails": {"audio": false}}.'


def audio_ready_mail(event: Event, sender: Sender, *, to: str) -> Mail:
    """Return the mail of an `audio.ready`. Raises Incomplete."""
    filename = text_of(event.data, "filename")
    file_id = text_of(event.data, "file_id")
    size = number_of(event.data, "size")
    path = f"/download?fid={quote(file_id, safe='')}"
    return lay_out(
        sender,
        to=to,
        message_id=event.message_id,
        title=f"Your MP3 of {shortened(filename)} is ready",
        paragraphs=[
            "The audio of your video is now available as an MP3 file.",
            f"Download it with your token: curl -L -OJ -H 'Authorization: Bearer TOKEN' '{sender.api_url}{path}'",
        ],
        facts=[
            ("Video", filename),
            ("Size", human_size(size)),
            ("File ID", file_id),
            ("Download", f"GET {sender.api_url}{path}"),
        ],
        footer=MUTE,
    )
