"""Webhook signatures, held against the scheme's published example and a verification written apart from them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.mail.signatures import verified
from reelgate.domain.notifications.webhook_signatures import signature_header, signing_key, webhook_body
from tests.doubles.memory_notifications import MAIN, OPS, an_alert, an_audio_event

SECRETS = st.binary(min_size=24, max_size=64)


def verify(identifier: str, timestamp: int, body: bytes, header: str, secret: str) -> bool:
    """The scheme in the words of its consumers (docs/notifications.md)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(expected).decode()}" in header.split(" ")


def test_the_scheme_s_published_example() -> None:
    """The example of the specification and of its reference libraries (github.com/standard-webhooks/standard-webhooks)."""
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    header = signature_header([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(SECRETS, st.text(alphabet="abcdef0123456789_", min_size=1), st.integers(0, 2**33), st.binary(max_size=200))
def test_whoever_has_the_secret_can_verify(key: bytes, identifier: str, timestamp: int, body: bytes) -> None:
    secret = f"whsec_{base64.b64encode(key).decode()}"
    header = signature_header([signing_key(secret)], identifier, timestamp, body)
    assert verify(identifier, timestamp, body, header, secret)
    assert not verify(identifier, timestamp + 1, body, header, secret)
    assert not verify(identifier + "x", timestamp, body, header, secret)
    assert not verify(identifier, timestamp, body + b" ", header, secret)
    headers = {"webhook-id": identifier, "webhook-timestamp": str(timestamp), "webhook-signature": header}
    assert verified(headers, body, secret, now=timestamp + 299)
    assert not verified(headers, body, secret, now=timestamp + 301)


@given(st.lists(SECRETS, min_size=1, max_size=5, unique=True), st.binary(max_size=50), SECRETS)
def test_while_secrets_change_each_of_them_verifies_and_no_other(keys: list[bytes], body: bytes, stranger: bytes) -> None:
    header = signature_header(keys, "evt_1", 7, body)
    assert len(header.split(" ")) == len(keys)
    for key in keys:
        assert verify("evt_1", 7, body, header, f"whsec_{base64.b64encode(key).decode()}")
    if stranger not in keys:
        assert not verify("evt_1", 7, body, header, f"whsec_{base64.b64encode(stranger).decode()}")


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_not base64!",
        "whsec_" + "A" * 28,
        "whsec_" + "A" * 88,
        "whsec_é",
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="must be whsec_") as refused:
        signing_key(secret)
    assert len(secret) < 7 or secret.removeprefix("whsec_") not in str(refused.value)


@pytest.mark.parametrize("size", [24, 64])
def test_the_shortest_and_the_longest_secret(size: int) -> None:
    assert signing_key(f"whsec_{base64.b64encode(bytes(size)).decode()}") == bytes(size)


def test_the_body_tells_the_event() -> None:
    event = an_audio_event(filename="Ünï.mp4", main_service_file_id="42")
    body = json.loads(webhook_body(event))
    assert (body["type"], body["timestamp"]) == ("audio.ready", "2026-11-03T12:00:00.000Z")
    assert body["data"]["event_id"] == "audio.ready:f1:7"
    assert (body["data"]["uid"], body["data"]["filename"], body["data"]["main_service_file_id"]) == ("ada", "Ünï.mp4", "42")
    assert set(body) == {"type", "timestamp", "data"}


@given(st.text(max_size=40), st.text(max_size=40))
def test_ids_of_messages_depend_on_the_event_alone(one: str, other: str) -> None:
    first, second = an_alert(uid=one), an_alert(uid=other)
    assert (first.message_id == second.message_id) == (one == other)
    assert first.message_id == an_alert(uid=one, used=1).message_id


def test_endpoints_hear_what_they_asked_for() -> None:
    assert [
        MAIN.subscribes_to(kind)
        for kind in ("video.ready", "video.x.y", "audio.ready", "audio.failed", "video", "videos.ready")
    ] == [
        *(True, True, True),
        *(False, False, False),
    ]
    assert OPS.subscribes_to("anything")


def test_endpoints_hide_their_url_and_secrets() -> None:
    assert repr(MAIN) == "Endpoint(id='main', events=('video.*', 'audio.ready'))"
