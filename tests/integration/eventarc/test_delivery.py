"""Events reach the function as Eventarc sends them, at least once, whatever fails on the way."""

import asyncio
import base64
import json
from urllib.parse import unquote

import pytest

from localcloud.eventarc.settings import RetryPolicy

from .conftest import BUCKET, FINALIZED, Cloud, Received


async def test_a_delivery_is_a_cloudevent_in_binary_content_mode(cloud: Cloud) -> None:
    generation = await cloud.feed.finalize("u1/f1/holiday.mp4", contentType="video/mp4")
    await cloud.bridge.flush()

    (delivery,) = cloud.function.received
    assert {name: value for name, value in delivery.headers.items() if name.startswith(("ce-", "content-type"))} == {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": FINALIZED,
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{BUCKET}",
        "ce-subject": "objects/u1/f1/holiday.mp4",
        "ce-bucket": BUCKET,
        "ce-time": "2026-01-01T00:00:00.000Z",
    }
    assert delivery.body == cloud.feed.entries[0]["data"]
    assert delivery.body["generation"] == generation


async def test_names_beyond_ascii_are_encoded_in_the_header_and_plain_in_the_body(cloud: Cloud) -> None:
    name = 'u1/f1/Ünterwegs 100% "東京".mp4'
    await cloud.feed.finalize(name)
    await cloud.bridge.flush()

    (delivery,) = cloud.function.received
    subject = delivery.headers["ce-subject"]
    assert subject.isascii()
    assert subject.startswith("objects/u1/f1/%C3%9Cnterwegs%20100%25%20%22")
    assert unquote(subject) == f"objects/{name}"
    assert delivery.body["name"] == name


async def test_the_token_names_the_target_and_is_unsigned(cloud: Cloud) -> None:
    await cloud.feed.finalize("a.mp4")
    await cloud.bridge.flush()

    scheme, _, token = cloud.function.received[0].headers["authorization"].partition(" ")
    header, claims, signature = token.split(".")
    assert (scheme, signature) == ("Bearer", "")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "none"
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["aud"] == cloud.target


async def test_other_buckets_and_other_types_are_not_delivered(cloud: Cloud) -> None:
    await cloud.feed.finalize("other bucket", bucket="somewhere-else")
    await cloud.feed.finalize("deleted", kind="google.cloud.storage.object.v1.deleted")
    await cloud.feed.finalize("ours")
    await cloud.bridge.flush()

    assert cloud.function.names() == ["ours"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_these_answers_acknowledge(cloud: Cloud, status: int) -> None:
    async def answer(_: Received) -> int:
        return status

    cloud.function.answers = answer
    await cloud.feed.finalize("a.mp4")
    report = await cloud.bridge.flush()

    assert len(cloud.function.received) == 1
    assert (report["delivered"], report["last_errors"]) == (1, [])


@pytest.mark.parametrize("status", [203, 206, 302, 400, 404, 429, 500, 503])
async def test_everything_else_is_tried_again_until_acknowledged(cloud: Cloud, status: int) -> None:
    async def answer(_: Received) -> int:
        return status if len(cloud.function.received) < 4 else 200

    cloud.function.answers = answer
    await cloud.feed.finalize("a.mp4")
    report = await cloud.bridge.flush()

    assert [delivery.headers["ce-id"] for delivery in cloud.function.received] == ["1"] * 4
    assert [error["error"] for error in report["last_errors"]] == [f"HTTP {status}"] * 3
    assert (report["pending"], report["delivered"]) == (0, 1)


async def test_one_failing_event_does_not_hold_up_the_others(cloud: Cloud) -> None:
    async def answer(delivery: Received) -> int:
        return 500 if delivery.name == "bad" else 200

    cloud.function.answers = answer
    await cloud.feed.finalize("bad")
    for number in range(30):
        await cloud.feed.finalize(f"good {number}")
    status, report = await cloud.bridge.call("POST", "flush?wait=1")

    assert status == 504
    assert (report["pending"], report["delivered"]) == (1, 30)


async def test_no_more_than_the_limit_is_in_flight(cloud: Cloud, retry: RetryPolicy) -> None:
    running, most = 0, 0
    enough = asyncio.Event()

    async def answer(_: Received) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == retry.max_in_flight:
            enough.set()
        await enough.wait()
        running -= 1
        return 200

    cloud.function.answers = answer
    for number in range(3 * retry.max_in_flight):
        await cloud.feed.finalize(f"{number}")
    await cloud.bridge.flush()

    assert most == retry.max_in_flight
    assert len(set(cloud.function.names())) == 3 * retry.max_in_flight


async def test_undelivered_events_survive_a_restart_of_the_bridge(cloud: Cloud) -> None:
    await cloud.bridge.faults(hold=True)
    await cloud.feed.finalize("before")
    status, report = await cloud.bridge.call("POST", "flush?wait=0.1")
    assert (status, report["pending"]) == (504, 1)
    await cloud.bridge.stop()
    await cloud.feed.finalize("while down")
    await cloud.bridge.start()
    await cloud.bridge.flush()

    assert sorted(cloud.function.names()) == ["before", "while down"]


async def test_an_attempt_cut_off_by_a_stop_is_made_again(cloud: Cloud) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def answer(_: Received) -> int:
        if len(cloud.function.received) == 1:
            arrived.set()
            await never.wait()
        return 200

    cloud.function.answers = answer
    await cloud.feed.finalize("a.mp4")
    await arrived.wait()
    await cloud.bridge.stop()
    await cloud.bridge.start()
    await cloud.bridge.flush()
    never.set()

    assert cloud.function.names() == ["a.mp4", "a.mp4"]


async def test_delivered_events_are_not_sent_again_after_a_restart(cloud: Cloud) -> None:
    await cloud.feed.finalize("a.mp4")
    await cloud.bridge.flush()
    await cloud.bridge.stop()
    await cloud.bridge.start()
    report = await cloud.bridge.flush()

    assert cloud.function.names() == ["a.mp4"]
    assert report["delivered"] == 1


async def test_a_storage_that_comes_back_is_read_from_where_it_stood(cloud: Cloud) -> None:
    await cloud.feed.finalize("first")
    await cloud.bridge.flush()
    cloud.feed.refuses = True
    status, _ = await cloud.bridge.call("POST", "flush")
    assert status == 503
    await cloud.feed.finalize("second")
    cloud.feed.refuses = False
    await cloud.bridge.flush()

    assert cloud.function.names() == ["first", "second"]


async def test_an_emptied_storage_starts_a_new_count(cloud: Cloud) -> None:
    await cloud.feed.finalize("old 1")
    await cloud.feed.finalize("old 2")
    await cloud.bridge.flush()
    await cloud.bridge.stop()
    cloud.feed.entries.clear()
    await cloud.feed.finalize("new")
    await cloud.bridge.start()
    await cloud.bridge.flush()

    assert sorted(cloud.function.names()) == ["new", "old 1", "old 2"]


class TestAckDeadline:
    @pytest.fixture
    def retry(self) -> RetryPolicy:
        return RetryPolicy(ack_deadline_seconds=0.1, min_backoff_seconds=0.01, max_backoff_seconds=0.01)

    async def test_silence_past_the_deadline_counts_as_refused(self, cloud: Cloud) -> None:
        never = asyncio.Event()

        async def answer(_: Received) -> int:
            if len(cloud.function.received) == 1:
                await never.wait()
            return 200

        cloud.function.answers = answer
        await cloud.feed.finalize("a.mp4")
        report = await cloud.bridge.flush()
        never.set()

        assert cloud.function.names() == ["a.mp4", "a.mp4"]
        assert report["last_errors"][0]["error"] == "no answer within 0.1 seconds"


class TestRetention:
    @pytest.fixture
    def retry(self) -> RetryPolicy:
        return RetryPolicy(min_backoff_seconds=0.01, max_backoff_seconds=0.02, retention_seconds=0.15)

    async def test_what_is_never_acknowledged_is_given_up_after_the_retention(self, cloud: Cloud) -> None:
        async def answer(_: Received) -> int:
            return 500

        cloud.function.answers = answer
        await cloud.feed.finalize("a.mp4")
        report = await cloud.bridge.flush()

        assert (report["pending"], report["delivered"], report["expired"]) == (0, 0, 1)
        assert len(cloud.function.received) > 1
        assert report["last_errors"][0]["state"] == "expired"
