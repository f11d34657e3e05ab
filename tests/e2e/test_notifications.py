"""Mails and webhooks in the running system: exactly one mail per event, signed webhooks, refusals, and sending again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually


@dataclass
class Caught:
    """The mail catcher and webhook receiver of the local cloud."""

    http: httpx.Client

    def mails(self, to: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/_emulator/mails", params={"to": to}).json()
        return found

    def webhooks(self, event_id: str) -> list[dict[str, Any]]:
        found = [hook | {"json": json.loads(hook["body"])} for hook in self.http.get("/_emulator/webhooks").json()]
        return [hook for hook in found if hook["json"]["data"]["event_id"] == event_id]

    def about(self, uid: str) -> list[dict[str, Any]]:
        found = [json.loads(hook["body"]) for hook in self.http.get("/_emulator/webhooks").json()]
        return [body for body in found if body["data"]["uid"] == uid]

    def fault(self, kind: str, **fault: Any) -> None:
        self.http.put(f"/_emulator/{kind}/faults", json=fault).raise_for_status()


@pytest.fixture
def caught(cloud: Mapping[str, str]) -> Iterator[Caught]:
    with httpx.Client(base_url=cloud["REELGATE_MAIL_URL"], timeout=30) as http:
        yield Caught(http)
        for kind in ("mails", "webhooks"):
            http.delete(f"/_emulator/{kind}/faults")


@pytest.fixture
def person(person: Person) -> Person:
    """A user whose account knows that their address is verified, as it does from the first upload on."""
    person.ask("open.mp4", 1)
    return person


@dataclass
class Pubsub:
    """Pushes messages to the function as Pub/Sub does."""

    url: str

    def push(self, message: Mapping[str, Any]) -> httpx.Response:
        data = base64.b64encode(json.dumps(message).encode()).decode()
        return httpx.post(self.url, json={"message": {"data": data, "messageId": "1"}, "subscription": "s"}, timeout=60)


@pytest.fixture
def pubsub(cloud: Mapping[str, str]) -> Pubsub:
    return Pubsub(f"{cloud['REELGATE_NOTIFY_URL']}/")


def an_alert(person: Person, **more: Any) -> dict[str, Any]:
    """Return a message like those of the topic `alerts`, of an event of its own."""
    return {
        "event_id": f"alert:{person.uid}:{secrets.token_hex(4)}",
        "type": "storage.alert",
        "uid": person.uid,
        "published_at": datetime.now(UTC).isoformat(),
        **{"kind": "storage", "threshold_percent": 80, "used": 41 * MIB, "limit": 50 * MIB, "percentage_used": 82.0},
        **{"date": "2026-11-03", "count": 1, "email": person.email},
        **more,
    }


def deliveries(admin: Person, person: Person, **query: Any) -> dict[str, dict[str, Any]]:
    """Return the deliveries of events about a person, by channel; they have told one event only."""
    answer = admin.api.get("/v1/admin/deliveries", params={"user_id": person.uid, **query})
    assert answer.status_code == 200, answer.text
    return {one["channel"]: one for one in answer.json()["items"]}


def test_80_percent_is_one_mail_though_the_event_is_delivered_again(
    person: Person, caught: Caught, pubsub: Pubsub, admin: Person
) -> None:
    person.upload("a.mp4", bytes(41 * MIB))
    (mail,) = eventually(lambda: caught.mails(person.email), "a mail")
    assert mail["subject"] == "Your storage has reached 80 % - Reelgate"
    assert "43.0 MB of 52.4 MB" in mail["text"]
    assert "43.0 MB of 52.4 MB" in mail["html"]
    alert = eventually(lambda: [one for one in caught.about(person.uid) if one["type"] == "storage.alert"], "a webhook")[0]
    again = {"type": alert["type"], "published_at": alert["timestamp"], **alert["data"]}
    for _ in range(3):
        answer = pubsub.push(again)
        assert (answer.status_code, answer.json()) == (200, {"result": "mail delivered, local delivered"})
    assert caught.mails(person.email) == [mail]
    assert len(caught.webhooks(alert["data"]["event_id"])) == 1
    query = {"user_id": person.uid, "type": "storage.alert", "state": "delivered", "limit": 1}
    (listed,) = admin.api.get("/v1/admin/deliveries", params=query).json()["items"]
    assert f"<{listed['message_id']}@" in mail["headers"]["Message-ID"]


def test_pushes_at_once_are_one_mail(person: Person, caught: Caught, pubsub: Pubsub) -> None:
    message = an_alert(person)
    with ThreadPoolExecutor(12) as pool:
        answers = [answer.status_code for answer in pool.map(lambda _: pubsub.push(message), range(24))]
    assert set(answers) <= {200, 503}
    assert pubsub.push(message).json() == {"result": "mail delivered, local delivered"}
    assert (len(caught.mails(person.email)), len(caught.webhooks(message["event_id"]))) == (1, 1)


def test_a_video_s_webhook_is_signed(person: Person, caught: Caught) -> None:
    person.upload("told.mp4", b"video")
    told = eventually(lambda: [one for one in caught.about(person.uid) if one["type"] == "video.ready"], "a webhook")[0]
    (hook,) = caught.webhooks(told["data"]["event_id"])
    secret = caught.http.get("/_emulator/webhooks/secret").json()["secret"]
    headers = hook["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{hook['body']}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert hook["verified"] is True
    assert (told["data"]["filename"], told["data"]["size"]) == ("told.mp4", 5)


def test_an_endpoint_that_refuses_gets_it_again_and_the_mail_is_not_repeated(
    person: Person, admin: Person, caught: Caught, pubsub: Pubsub
) -> None:
    message = an_alert(person)
    caught.fault("webhooks", status=500, times=2, name="local")
    answers = [pubsub.push(message).status_code]
    while answers[-1] == 503 and len(answers) < 9:
        answers.append(pubsub.push(message).status_code)
    assert answers[-1] == 200
    hooks = caught.webhooks(message["event_id"])
    assert hooks[-1]["answered"] == 204
    assert len({hook["headers"]["webhook-id"] for hook in hooks}) == len({hook["body"] for hook in hooks}) == 1
    assert deliveries(admin, person)["local"]["attempts"] == len(hooks) == len(answers)
    assert len(caught.mails(person.email)) == 1


def test_a_mail_refused_for_now_is_retried_by_pubsub(person: Person, admin: Person, caught: Caught) -> None:
    caught.fault("mails", stage="rcpt", status=451, times=1)
    person.upload("a.mp4", bytes(41 * MIB))

    def delivered() -> dict[str, Any] | None:
        mail = deliveries(admin, person, type="storage.alert").get("mail", {})
        return mail if mail.get("state") == "delivered" else None

    mail = eventually(delivered, "the mail's delivery", seconds=60)
    assert (mail["attempts"], mail["status"], mail["error"]) == (2, 250, None)
    assert len(caught.mails(person.email)) == 1


@pytest.mark.parametrize("keep", [True, False])
def test_a_mail_lost_after_its_text_is_sent_again_by_hand_only(
    person: Person, admin: Person, caught: Caught, pubsub: Pubsub, keep: bool
) -> None:
    message = an_alert(person)
    caught.fault("mails", stage="text", status=0, times=1, keep=keep)
    for _ in range(3):
        assert pubsub.push(message).json() == {"result": "mail uncertain, local delivered"}
    assert len(caught.mails(person.email)) == keep
    lost = deliveries(admin, person)["mail"]
    assert (lost["state"], lost["attempts"]) == ("uncertain", 1)
    path = f"/v1/admin/deliveries/{lost['delivery_id']}"
    again = admin.api.post(f"{path}/redeliver")
    assert (again.status_code, again.json()["state"]) == (200, "delivered")
    assert admin.api.get(path).json() == again.json()
    mails = caught.mails(person.email)
    assert len(mails) == keep + 1
    assert len({mail["headers"]["Message-ID"] for mail in mails}) == 1


def test_a_mail_refused_for_good_is_not_tried_again(person: Person, admin: Person, caught: Caught, pubsub: Pubsub) -> None:
    message = an_alert(person)
    caught.fault("mails", stage="rcpt", status=550, times=1)
    for _ in range(2):
        assert pubsub.push(message).json() == {"result": "mail failed, local delivered"}
    failed = deliveries(admin, person, state="failed")["mail"]
    assert (failed["status"], "550" in failed["error"]) == (550, True)
    assert caught.mails(person.email) == []


def test_muted_mails_do_not_come(person: Person, admin: Person, caught: Caught, pubsub: Pubsub) -> None:
    assert person.api.patch("/me", json={"mails": {"alerts": False}}).json() == {"mails": {"alerts": False, "audio": True}}
    assert pubsub.push(an_alert(person)).json() == {"result": "mail skipped, local delivered"}
    assert deliveries(admin, person)["mail"]["error"] == "muted by the user"
    person.api.patch("/me", json={"mails": {"alerts": True}})
    assert pubsub.push(an_alert(person)).json() == {"result": "mail delivered, local delivered"}
    assert len(caught.mails(person.email)) == 1


def test_a_new_account_is_welcomed_once(cloud: Mapping[str, str], caught: Caught) -> None:
    name = f"n{secrets.token_hex(6)}"
    body = {"email": f"{name}@example.com", "username": name, "password": secrets.token_urlsafe(16)}
    for _ in range(2):
        assert httpx.post(f"{cloud['REELGATE_URL']}/register", json=body, timeout=60).status_code == 201
    (mail,) = eventually(lambda: caught.mails(body["email"]), "a welcome")
    assert mail["subject"] == "Welcome - Reelgate"
    assert body["password"] not in json.dumps(mail)


def test_an_mp3_that_is_ready_is_mailed_with_its_way(person: Person, caught: Caught, video: Path) -> None:
    upload = person.upload("<b>sound & more.mp4", video.read_bytes())
    person.api.post(f"/files/{quote('<b>sound & more.mp4')}/audio")
    mails = eventually(lambda: [mail for mail in caught.mails(person.email) if "MP3" in mail["subject"]], "a mail", seconds=60)
    (mail,) = mails
    assert f"/download?fid={upload['upload_id']}" in mail["text"]
    assert "&lt;b&gt;sound &amp; more.mp4" in mail["html"]
    assert "<b>sound" not in mail["html"]


def test_only_admins_see_deliveries(person: Person, another: Person, admin: Person, pubsub: Pubsub) -> None:
    pubsub.push(an_alert(person))
    delivery = deliveries(admin, person)["mail"]
    path = f"/v1/admin/deliveries/{delivery['delivery_id']}"
    for who in (person, another):
        assert who.api.get("/v1/admin/deliveries").status_code == 403
        assert who.api.get(path).status_code == 403
        assert who.api.post(f"{path}/redeliver").status_code == 403
    assert admin.api.get(path).json()["data"]["email"] == person.email


def test_no_secret_is_in_any_log(cloud: Mapping[str, str], caught: Caught, emulator: Callable[..., str]) -> None:
    secret = caught.http.get("/_emulator/webhooks/secret").json()["secret"]
    logs = emulator("logs")
    assert "delivery evt_" in logs
    assert secret not in logs
    assert secret.removeprefix("whsec_") not in logs
    assert base64.b64decode(secret.removeprefix("whsec_")).hex() not in logs
