"""The mail that a video's MP3 is ready."""

from __future__ import annotations

from urllib.parse import quote

from reelgate.domain.files.sizes import human_size
from reelgate.domain.notifications.deliveries import Event
from reelgate.ports.notifications import Mail
from reelgate.use_cases.notifications.mails.facts import number_of, text_of
from reelgate.use_cases.notifications.mails.layout import Sender, lay_out

MUTE = "You can turn off mails about MP3s in the settings of your account."


def audio_ready_mail(event: Event, sender: Sender, *, to: str) -> Mail:
    """Return the mail of an `audio.ready`. Raises Incomplete."""
    filename = text_of(event.data, "filename")
    file_id = text_of(event.data, "file_id")
    size = number_of(event.data, "size")
    video_id = quote(file_id, safe="")
    page = sender.audio_page.replace("{video_id}", video_id) or f"{sender.api_url}/download?fid={video_id}"
    return lay_out(
        sender,
        to=to,
        message_id=event.message_id,
        title="Your MP3 is ready",
        paragraphs=[
            "The audio of your video is now available as an MP3 file.",
            "Sign in to download it. The name below is the one that the video was uploaded with. If you do not recognise it, "
            "someone else may be using your address: ignore this mail.",
        ],
        facts=[
            ("Video", filename),
            ("Size", human_size(size)),
            ("Download", page),
        ],
        footer=MUTE,
    )
