"""Storage events, and their form on the wire: CloudEvents 1.0 over HTTP in binary content mode."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

# Characters that the CloudEvents HTTP binding (3.1.3.2) does not escape in a header: printable ASCII without space, " and %.
_HEADER_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageEvent:
    """One line of the storage emulator's feed.

    Args:
        id: position in the feed, growing.
        time: RFC 3339.
        data: the object resource, with int64 fields as JSON strings.
    """

    id: int
    type: str
    time: str
    bucket: str
    name: str
    generation: str
    data: dict[str, Any]

    @classmethod
    def from_feed(cls, entry: dict[str, Any]) -> "StorageEvent":
        """Return the event in one entry of the feed. Raises KeyError for a missing member."""
        return cls(
            id=int(entry["id"]),
            type=entry["type"],
            time=entry["time"],
            bucket=entry["bucket"],
            name=entry["name"],
            generation=str(entry["generation"]),
            data=entry["data"],
        )


def request_headers(event: StorageEvent, ce_id: str) -> dict[str, str]:
    """Return the headers of a delivery as Eventarc sends them; always ASCII, for any object name."""
    return {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": ce_id,
        "ce-type": event.type,
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{event.bucket}",
        "ce-subject": quote(f"objects/{event.name}", safe=_HEADER_SAFE),
        "ce-bucket": event.bucket,
        "ce-time": event.time,
    }


def request_body(event: StorageEvent) -> bytes:
    """Return the object resource as the delivery's body."""
    return json.dumps(event.data, ensure_ascii=False, separators=(",", ":")).encode()
