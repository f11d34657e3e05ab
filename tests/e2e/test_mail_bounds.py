"""What an attacker can have mailed: to a stranger's address nothing, to their own what the operator's numbers say."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually

PASSWORD = "correct horse battery"
CYCLES = 60
MP3S = 8
MOST = 20
"""Mails a day, as the local cloud has it."""
TEXT = "Pay now at evil.example"


def newcomer(cloud: Mapping[str, str], domain: str) -> Person:
    """Register over HTTP with a name that says something, and log in."""
    email, name = f"{secrets.token_hex(6)}@{domain}", f"{TEXT} {secrets.token_hex(4)}"
    api = httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60)
    made = api.post("/v1/auth/register", json={"email": email, "username": name, "password": PASSWORD})
    assert made.status_code == 201, made.text
    tokens = api.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).json()
    api.headers["Authorization"] = f"Bearer {tokens['token']}"
    return Person(
        uid=made.json()["user_id"],
        email=email,
        password=PASSWORD,
        token=tokens["token"],
        refresh_token=tokens["refresh_token"],
        api=api,
        storage=httpx.Client(timeout=60),
    )


def patiently(person: Person, method: str, path: str) -> None:
    """Make a request; wait if it was one too many."""
    while (answer := person.api.request(method, path)).status_code == 429:
        time.sleep(float(answer.headers["Retry-After"]))
    assert answer.is_success, answer.text


def attack(person: Person, video: Path) -> None:
    """Do all that once sent a mail each: pass a threshold again and again, and have MP3s made of files with a message."""
    upload = person.upload("big.mp4", bytes(41 * MIB))
    for _ in range(CYCLES):
        patiently(person, "DELETE", f"/v1/videos/{upload['upload_id']}")
        patiently(person, "POST", f"/v1/videos/{upload['upload_id']}/restore")
    for number in range(MP3S):
        person.upload(f"{TEXT} {number} <b>.mp4", video.read_bytes())


def mails_about(admin: Person, person: Person) -> list[dict[str, Any]]:
    """Return the deliveries by mail of events about a person."""
    answer = admin.api.get("/v1/admin/deliveries", params={"user_id": person.uid, "limit": 500})
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["items"] if one["channel"] == "mail"]


def settled_mails(admin: Person, person: Person) -> list[dict[str, Any]]:
    """Return them once there is one about every MP3, and none is under way."""

    def settled() -> list[dict[str, Any]]:
        found = mails_about(admin, person)
        types = Counter(one["type"] for one in found if one["state"] not in {"pending", "sending"})
        return found if types["audio.ready"] == MP3S and types["storage.alert"] and types["account.created"] else []

    return eventually(settled, "deliveries of all mails", seconds=120)


def arrived(cloud: Mapping[str, str], person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(
        f"{cloud['REELGATE_MAIL_URL']}/_emulator/mails", params={"to": person.email}, timeout=30
    ).json()
    return found


def webhooks(cloud: Mapping[str, str], person: Person, kind: str) -> int:
    hooks = httpx.get(f"{cloud['REELGATE_MAIL_URL']}/_emulator/webhooks", timeout=30).json()
    bodies = [json.loads(hook["body"]) for hook in hooks]
    return sum((body["type"], body["data"]["uid"]) == (kind, person.uid) for body in bodies)


def confirmations(cloud: Mapping[str, str], person: Person) -> int:
    """Return how many confirmations Identity Platform would have sent."""
    url = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/emulator/v1/projects/{cloud['GOOGLE_CLOUD_PROJECT']}/oobCodes"
    codes = httpx.get(url, headers={"Authorization": "Bearer owner"}).raise_for_status().json()["oobCodes"]
    return sum(code["email"] == person.email for code in codes)


def test_a_stranger_gets_a_confirmation_and_no_mail(cloud: Mapping[str, str], admin: Person, video: Path) -> None:
    with newcomer(cloud, "unverified.example") as person:
        attack(person, video)
        mails = settled_mails(admin, person)
        assert {(one["state"], one["error"]) for one in mails} == {("withheld", "the address is not verified")}
        assert Counter(one["type"] for one in mails) == {"account.created": 1, "storage.alert": 1, "audio.ready": MP3S}
        assert arrived(cloud, person) == []
        assert confirmations(cloud, person) == 1
        assert webhooks(cloud, person, "storage.alert") == 1
        again = admin.api.post(f"/v1/admin/deliveries/{mails[0]['delivery_id']}/redeliver").json()
        assert again["state"] == "withheld"


def test_one_s_own_address_gets_each_mail_once_and_a_day_s_number_at_most(
    cloud: Mapping[str, str], admin: Person, video: Path
) -> None:
    with newcomer(cloud, "example.com") as person:
        attack(person, video)
        assert {one["state"] for one in settled_mails(admin, person)} == {"delivered"}
        mails = arrived(cloud, person)
        assert Counter(mail["subject"] for mail in mails) == {
            "Welcome - Reelgate": 1,
            "Your storage has reached 80 % - Reelgate": 1,
            "Your MP3 is ready - Reelgate": MP3S,
        }
        assert [mail["subject"] for mail in mails if "evil" in mail["subject"]] == []
        assert all(mail["text"].find("evil.example") > 200 for mail in mails if "evil" in mail["text"])
        assert webhooks(cloud, person, "storage.alert") == 1
        for threshold in range(MOST):
            push_alert(cloud, person, threshold)
        assert len(arrived(cloud, person)) == MOST
        withheld = [one for one in mails_about(admin, person) if one["state"] == "withheld"]
        assert len(withheld) == len(mails)
        assert all("as many as REELGATE_MAILS_PER_DAY allows" in one["error"] for one in withheld)
        sent = admin.api.post(f"/v1/admin/deliveries/{withheld[0]['delivery_id']}/redeliver").json()
        assert (sent["state"], len(arrived(cloud, person))) == ("delivered", MOST + 1)


def push_alert(cloud: Mapping[str, str], person: Person, threshold: int) -> None:
    """Push a message to `notify` as Pub/Sub does: an alert about another threshold each time."""
    message = {
        "event_id": f"alert:{person.uid}:{threshold}:{secrets.token_hex(4)}",
        "type": "storage.alert",
        "uid": person.uid,
        "published_at": datetime.now(UTC).isoformat(),
        **{"kind": "storage", "threshold_percent": threshold, "used": 41 * MIB, "limit": 50 * MIB, "percentage_used": 82.0},
        **{"date": "2026-11-03", "count": 1, "email": person.email},
    }
    data = base64.b64encode(json.dumps(message).encode()).decode()
    push = {"message": {"data": data, "messageId": "1"}, "deliveryAttempt": 1, "subscription": "s"}
    assert httpx.post(f"{cloud['REELGATE_NOTIFY_URL']}/", json=push, timeout=60).status_code == 200


@pytest.mark.parametrize("verified", [False, True])
def test_the_next_token_brings_the_mails(cloud: Mapping[str, str], admin: Person, verified: bool) -> None:
    with newcomer(cloud, "unverified.example") as person:
        if verified:
            base = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1"
            claims = {"localId": person.uid, "emailVerified": True}
            owner = {"Authorization": "Bearer owner"}
            url = f"{base}/projects/{cloud['GOOGLE_CLOUD_PROJECT']}/accounts:update"
            httpx.post(url, json=claims, headers=owner).raise_for_status()
            refreshed = person.api.post("/v1/auth/refresh", json={"refresh_token": person.refresh_token})
            assert refreshed.json()["user"]["email_verified"] is True
        push_alert(cloud, person, 80)
        assert len(arrived(cloud, person)) == verified
