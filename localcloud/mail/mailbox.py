"""Received mails or webhooks, newest last, and the fault to inject next. All of it is in memory only."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field, fields
from email import message_from_bytes, policy
from typing import Any

MAX_ITEMS = 2000


class InvalidFault(Exception):
    """The requested fault is invalid; the message says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` mails or webhooks.

    Args:
        status: the status to answer. Mails: 400 to 599; webhooks: any; 0 breaks the connection without an answer.
        stage: for mails, when to answer so: `rcpt` (the recipient), or `text` (after the whole mail was received).
        keep: for mails at `text`, whether the mail is stored anyway.
        name: for webhooks, the receiver that fails; all if empty.
    """

    status: int = 0
    times: int = 1
    stage: str = "rcpt"
    keep: bool = False
    name: str = ""

    @classmethod
    def from_json(cls, document: object) -> "Fault":
        """Raises InvalidFault."""
        if not isinstance(document, dict) or document.keys() - {one.name for one in fields(cls)}:
            raise InvalidFault("an object with " + ", ".join(one.name for one in fields(cls)) + " is expected")
        fault = cls(**document)
        if any(type(getattr(fault, one.name)) is not type(one.default) for one in fields(cls)):
            raise InvalidFault("status and times are whole numbers, stage and name texts, keep is true or false")
        if fault.stage not in {"rcpt", "text"}:
            raise InvalidFault("stage: rcpt or text")
        if fault.times < 0 or not (fault.status == 0 or 200 <= fault.status <= 599):
            raise InvalidFault("times: 0 or more; status: 0, or from 200 to 599")
        return fault

    def to_json(self) -> dict[str, Any]:
        """Return it as `from_json` takes it."""
        return asdict(self)


@dataclass(slots=True)
class Mailbox:
    """Mails or webhooks that were received, and the fault to inject into the next ones."""

    items: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_ITEMS))
    fault: Fault = field(default_factory=lambda: Fault(times=0))

    def add(self, item: dict[str, Any]) -> None:
        """Store an item with the current time."""
        self.items.append({**item, "received_at": time.time()})

    def inject(self, *, stage: str = "", name: str = "") -> Fault | None:
        """Return the fault for the item that is arriving, if any, and count it."""
        fault = self.fault
        meets = fault.times > 0 and (not stage or stage == fault.stage) and fault.name in ("", name)
        if not meets:
            return None
        fault.times -= 1
        return fault


def mail_json(content: bytes, *, sender: str, recipients: list[str]) -> dict[str, Any]:
    """Return a mail as `GET /_emulator/mails` shows it. `from` and `to` are the envelope's."""
    message = message_from_bytes(content, policy=policy.default)
    plain, html = (message.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    return {
        "from": sender,
        "to": recipients,
        "subject": str(message["Subject"] or ""),
        "text": plain.get_content() if plain is not None else "",
        "html": html.get_content() if html is not None else "",
        "headers": {name: str(value) for name, value in message.items()},
    }
