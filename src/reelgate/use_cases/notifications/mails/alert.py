"""The mail about a limit that is nearly or fully used."""

from __future__ import annotations

from reelgate.domain.books.account import percent
from reelgate.domain.files.sizes import human_size
from reelgate.domain.notifications.deliveries import Event
from reelgate.ports.notifications import Mail
from reelgate.use_cases.notifications.mails.facts import number_of, text_of
from reelgate.use_cases.notifications.mails.layout import Sender, lay_out

MUTE = "You can turn off mails about your limits in the settings of your account."

_ADVICE = {
    ("storage", False): "Delete videos that you no longer need before uploads are refused. Videos in the trash do not count.",
    ("storage", True): "Uploads are refused until there is room again. Delete videos that you no longer need, or ask an "
    "administrator for more space.",
    ("bandwidth", False): "Further uploads and streams may be refused today. The limit resets the next day.",
    ("bandwidth", True): "Uploads and streams are refused for the rest of the day. The limit resets the next day.",
}


def alert_mail(event: Event, sender: Sender, *, to: str) -> Mail:
    """Return the mail of a `storage.alert` or `bandwidth.alert`. Raises Incomplete."""
    kind = "storage" if event.type == "storage.alert" else "bandwidth"
    used, limit = number_of(event.data, "used"), number_of(event.data, "limit")
    threshold, day = number_of(event.data, "threshold_percent"), text_of(event.data, "date")
    what = "storage" if kind == "storage" else "daily bandwidth"
    title = f"Your {what} is used up" if threshold >= 100 else f"Your {what} has reached {threshold} %"
    return lay_out(
        sender,
        to=to,
        message_id=event.message_id,
        title=title,
        paragraphs=[
            f"You reached {threshold} % on {day}: {human_size(used)} of {human_size(limit)} were used "
            f"({percent(used, limit)} %).",
            _ADVICE[kind, used >= limit],
        ],
        facts=[
            ("Used", f"{human_size(used)} ({used} bytes)"),
            ("Limit", f"{human_size(limit)} ({limit} bytes)"),
            ("Free", human_size(max(0, limit - used))),
            ("Day", day),
        ],
        footer=MUTE,
    )
