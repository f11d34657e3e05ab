"""`python -m ops` against books and a bucket that were put out of order."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest

from localcloud.supervisor.services.topics import create_all, topic_names
from reelgate.adapters.documents.firestore_values import encode_fields
from reelgate.ports.books import ReadSet
from tests.integration.operations.conftest import Deployment


async def test_books_that_are_right_and_books_that_are_not(deployment: Deployment) -> None:
    await deployment.add_video("a.mp4", b"data")
    right = deployment.operations("books")
    assert (right.returncode, right.stdout) == (0, "1 account, 0 wrong\n"), right.stderr
    assert right.stderr == "... 1 account checked, up to ada\n"
    client = deployment.services._firestore
    write = {
        "update": {"name": f"{client.root}/users/ada", "fields": encode_fields({"stored": 5})},
        "updateMask": {"fieldPaths": ["stored"]},
    }
    await client.call("commit", {"writes": [write]}, seconds=5)
    wrong = deployment.operations("books")
    assert wrong.returncode == 1
    assert "ada: stored bytes and the ledger differ: 5 and 4" in wrong.stdout
    unknown = deployment.operations("books", "somebody")
    assert (unknown.returncode, unknown.stdout) == (2, "0 accounts, 0 wrong\n")
    assert "somebody: there is no account with this uid" in unknown.stderr
    both = deployment.operations("books", "somebody", "ada")
    assert both.returncode == 1
    assert "1 account, 1 wrong" in both.stdout


async def test_a_bucket_out_of_order_is_told_then_repaired(deployment: Deployment) -> None:
    unsettled = await deployment.grant("late.mp4", b"12345")
    kept, gone = await deployment.add_video("kept.mp4", b"data"), await deployment.add_video("gone.mp4", b"data")
    await deployment.remove(gone.object_name)
    deployment.write("ada/no-grant/orphan.mp4", b"data")
    deployment.write("__parts__/ada/no-grant/00000", b"part")
    deployment.write("notes/2026/read me.txt/really", b"text")
    patient = deployment.operations("bucket")
    assert (patient.returncode, patient.stdout.splitlines()[-1]) == (1, "1 wrong")  # all others are minutes old
    told = deployment.operations("bucket", "--grace", "-1")
    assert told.returncode == 1
    assert {line.split()[0] for line in told.stdout.splitlines()} >= {"unsettled", "missing", "orphan", "left", "foreign"}
    assert told.stdout.splitlines()[-1] == "4 wrong"

    repaired = deployment.operations("bucket", "--grace", "-1", "--repair")
    assert (repaired.returncode, repaired.stdout.splitlines()[-1]) == (1, "1 left"), repaired.stdout
    media = deployment.services.media
    left = [one.name for one in await media.listing("")]
    assert sorted(left) == sorted([kept.object_name, unsettled, "notes/2026/read me.txt/really"])
    gone_too = deployment.operations("bucket", "ada", "--repair", "--give-up-missing")
    assert gone_too.returncode == 0, gone_too.stdout
    snapshot = await deployment.services.books.read("ada", ReadSet(filename="gone.mp4"))
    assert snapshot.video is None
    assert snapshot.account is not None
    assert snapshot.account.stored == 9
    assert deployment.operations("bucket", "--grace", "-1").returncode == 0
    assert deployment.operations("books").returncode == 0


async def test_what_was_left_in_the_outbox_is_counted(deployment: Deployment) -> None:
    deployment.services.events.unavailable = True  # type: ignore[attr-defined]
    await deployment.add_video("a.mp4", b"data")
    young = deployment.operations("outbox")
    assert (young.returncode, young.stdout) == (0, "0 left behind\n"), young.stderr
    [item] = await deployment.services.books.outbox(deployment.services.now(), limit=10)
    client = deployment.services._firestore
    name = f"{client.root}/outbox/{item.event_id}"
    write = {
        "update": {"name": name, "fields": {"written_at": {"timestampValue": "2026-01-01T00:00:00Z"}}},
        "updateMask": {"fieldPaths": ["written_at"]},
        "currentDocument": {"exists": True},
    }
    await client.call("commit", {"writes": [write]}, seconds=5)
    old = deployment.operations("outbox")
    assert old.returncode == 1
    assert "1 videos: video.ready" in old.stdout
    assert "1 left behind" in old.stdout


@pytest.fixture
def letters(deployment: Deployment) -> tuple[Deployment, dict[str, str]]:
    """Three dead letters of `videos`, and a subscriber of the topic."""
    topics = {
        f"REELGATE_TOPIC_{name}": f"{name.lower()}-{uuid.uuid4().hex[:8]}" for name in ("VIDEOS", "ALERTS", "ACCOUNTS", "AUDIT")
    }
    environment = {"GOOGLE_CLOUD_PROJECT": "demo-reelgate", **topics}
    host = deployment.environment["PUBSUB_EMULATOR_HOST"]
    create_all(int(host.rpartition(":")[2]), topic_names(topics), (), {})
    videos = topics["REELGATE_TOPIC_VIDEOS"]
    api = f"http://{host}/v1/projects/demo-reelgate"
    httpx.put(
        f"{api}/subscriptions/{videos}-test", json={"topic": f"projects/demo-reelgate/topics/{videos}"}
    ).raise_for_status()
    sent = [
        {
            "data": "eyJmaWxlX2lkIjoxfQ==",  # {"file_id":1}
            "attributes": {
                "event_id": f"e{number}",
                "type": kind,
                "CloudPubSubDeadLetterSourceSubscription": consumer,
                "CloudPubSubDeadLetterSourceDeliveryCount": "20",
            },
        }
        for number, (kind, consumer) in enumerate(
            [("video.ready", "convert-videos"), ("video.ready", "notify-videos"), ("video.purged", "convert-videos")]
        )
    ]
    httpx.post(f"{api}/topics/{videos}-dead-letter:publish", json={"messages": sent}).raise_for_status()
    return deployment, environment


def arrived(deployment: Deployment, environment: dict[str, str]) -> list[dict[str, str]]:
    """Return the attributes of what the topic's subscriber has got."""
    api = f"http://{deployment.environment['PUBSUB_EMULATOR_HOST']}/v1/projects/demo-reelgate/subscriptions"
    found: list[dict[str, str]] = []
    url = f"{api}/{environment['REELGATE_TOPIC_VIDEOS']}-test"
    while True:
        answer = httpx.post(f"{url}:pull", json={"maxMessages": 100, "returnImmediately": True}).raise_for_status().json()
        got = answer.get("receivedMessages", [])
        if not got:
            return found
        assert {one["message"]["data"] for one in got} == {"eyJmaWxlX2lkIjoxfQ=="}
        found += [one["message"]["attributes"] for one in got]
        httpx.post(f"{url}:acknowledge", json={"ackIds": [one["ackId"] for one in got]}).raise_for_status()


def test_dead_letters_are_looked_at_published_again_and_dropped(letters: tuple[Deployment, dict[str, str]]) -> None:
    deployment, environment = letters
    for _ in range(2):  # looking takes nothing away
        seen = deployment.operations("dead-letters", "videos", "--wait", "1", **environment)
        assert (seen.returncode, seen.stdout.splitlines()[-1]) == (1, "3 dead letters"), seen.stderr
    line = next(line for line in seen.stdout.splitlines() if "e2" in line)
    assert "convert-videos after 20 tries" in line
    assert json.loads(line.partition("tries: ")[2]) == {"type": "video.purged", "uid": "", "event_id": "e2"}
    content = deployment.operations(
        "dead-letters", "videos", "--wait", "1", "--type", "video.purged", "--content", **environment
    )
    assert '{"file_id":1}' in content.stdout
    assert "1 dead letters" in content.stdout
    assert arrived(deployment, environment) == []

    wanted = ("--consumer", "convert-videos", "--type", "video.ready")
    again = deployment.operations("dead-letters", "videos", "--wait", "1", *wanted, "--replay", **environment)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "1 published again")
    assert arrived(deployment, environment) == [{"event_id": "e0", "type": "video.ready"}]
    dropped = deployment.operations("dead-letters", "videos", "--wait", "1", "--drop", **environment)
    assert (dropped.returncode, dropped.stdout.splitlines()[-1]) == (0, "2 dropped")
    assert deployment.operations("dead-letters", "videos", "--wait", "1", **environment).stdout == "0 dead letters\n"
    assert arrived(deployment, environment) == []


def test_the_two_worlds_are_never_mixed(deployment: Deployment) -> None:
    mixed = deployment.operations("bucket", "--repair", "--project", "videos-1")
    assert mixed.returncode == 2
    assert "FIRESTORE_EMULATOR_HOST" in mixed.stderr
    nowhere = deployment.operations("books", FIRESTORE_EMULATOR_HOST="")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "--project" in nowhere.stderr
