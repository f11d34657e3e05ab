"""Publishing: what arrives, that all of it arrives, and what is said when nobody takes it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from reelgate.domain.books.messages import Message
from reelgate.domain.errors import Unavailable
from tests.contract.events.conftest import Wire

AT = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)


def message(n: int = 1, *, uid: str = "ada", **data: object) -> Message:
    return Message(event_id=f"audit:{n}", topic="audit", type="upload.granted", uid=uid, data=data)


async def test_a_message_arrives_with_what_filters_look_at(wire: Wire) -> None:
    await wire.events.publish(message(size=3, filename="Ünï 💾.mp4", nested={"list": [1, None]}), at=AT)
    [(content, attributes)] = await wire.received(1)
    assert content == {
        "event_id": "audit:1",
        "type": "upload.granted",
        "uid": "ada",
        "published_at": "2026-11-03T12:30:00.000Z",
        "size": 3,
        "filename": "Ünï 💾.mp4",
        "nested": {"list": [1, None]},
    }
    assert attributes == {"event_id": "audit:1", "type": "upload.granted", "uid": "ada"}


async def test_what_nobody_did_has_no_uid_to_filter_by(wire: Wire) -> None:
    await wire.events.publish(message(uid=""), at=AT)
    [(content, attributes)] = await wire.received(1)
    assert content["uid"] == ""
    assert attributes == {"event_id": "audit:1", "type": "upload.granted"}


async def test_of_many_at_once_none_is_missing_or_doubled(wire: Wire) -> None:
    await asyncio.gather(*(wire.events.publish(message(n), at=AT) for n in range(300)))
    arrived = await wire.received(300)
    assert sorted(content["event_id"] for content, _ in arrived) == sorted(f"audit:{n}" for n in range(300))


async def test_it_says_so_when_nobody_takes_it(wire: Wire) -> None:
    with pytest.raises(Unavailable):
        await wire.cut_off.publish(message(), at=AT)
