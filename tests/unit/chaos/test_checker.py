"""The checker of the chaos ring finds each kind of drift: what agrees is good, and any change of it is not."""

from __future__ import annotations

import copy
import hashlib
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.chaos.checks.audit import check_audit
from tests.chaos.checks.books import Terms, check_books
from tests.chaos.checks.buckets import check_arrivals, check_buckets
from tests.chaos.checks.erased import check_erased
from tests.chaos.checks.evidence import Arrival, Document, Evidence, StoredObject
from tests.chaos.checks.findings import Findings
from tests.chaos.checks.logs import check_logs
from tests.chaos.checks.messages import check_messages
from tests.chaos.journal import Journal

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DATE = "2026-01-02"
CAPTIONS = b"WEBVTT\n\n12"
OTHERS = zlib.compress(b"WEBVTT")
TERMS = Terms(storage=1000, daily=1000, rejected_uploads=2, zone=ZoneInfo("UTC"))
MOVED = ("stored", "trash", "reserved", "uploaded", "streamed", "upload_count", "rejected", "rejected_count")
SECRET = "whsec_c2VjcmV0"


def entry(number: int, entry_id: str, date: str = DATE, reason: str | None = None, **moved: int) -> Document:
    fields = {
        "entry_id": entry_id,
        "kind": entry_id.partition(":")[0],
        "sequence": number,
        "at": NOW + timedelta(hours=number),
        "date": date,
        "file_id": entry_id.split(":")[1].partition("#")[0],
        "reason": reason,
        "movement": dict.fromkeys(MOVED, 0) | moved,
    }
    return Document(("users", "ada", "entries", entry_id), fields)


ACTIONS = [
    *(("upload.granted", file_id) for file_id in "VTU"),
    *(("upload.finished", file_id) for file_id in "VT"),
    ("captions.put", "V"),
    ("file.deleted", "T"),
]


def action(kind: str, file_id: str) -> Document:
    return Document(("audit", f"{kind} {file_id}"), {"action_type": kind, "details": {"file_id": file_id}})


def mail(subject: str, to: str = "ada@example.com") -> dict[str, Any]:
    return {"headers": {"Message-ID": "<1>"}, "to": [to], "subject": subject}


def evidence() -> Evidence:
    """Ada has a video of 590 bytes with captions, one of 100 in the trash, and an open upload of 300; an alert was raised."""
    entries = [
        entry(1, "reserve:V", reserved=590),
        entry(2, "commit:V#7", reserved=-590, stored=590, uploaded=590, upload_count=1),
        entry(3, "reserve:T", reserved=100),
        entry(4, "commit:T#8", reserved=-100, stored=100, uploaded=100, upload_count=1),
        entry(5, "delete:T:5", stored=-100, trash=100),
        entry(6, "captions:V:en:6", stored=len(CAPTIONS)),
        entry(7, "reserve:U", reserved=300),
    ]
    today = {
        **{"date": DATE, "uploaded": 690, "streamed": 0, "upload_count": 2, "waived": {}},
        "raised": {"storage:80": 1},
        # 22 hours of the one, one hour of the other, 18 hours of the captions
        "byte_seconds": str(590 * 22 * 3600 + 100 * 3600 + 10 * 18 * 3600),
    }
    account = {"uid": "ada", "stored": 600, "trash": 100, "reserved": 300, "open_uploads": 1, "sequence": 7, "today": today}
    captions = [{"language": "en", "size": len(CAPTIONS)}]
    video = {"filename": "v.mp4", "size": 590, "generation": 7, "crc32c": "AAAAAA==", "captions": captions}
    trashed = {"filename": "t.mp4", "size": 100, "generation": 8, "crc32c": "AAAAAA=="}
    alert = {
        **{"uid": "ada", "event_id": f"alert:ada:{DATE}:storage:80:1", "type": "storage.alert"},
        **{"channel": "mail", "state": "delivered"},
    }
    record = {"generation": 7, "audio": {"state": "ready", "size": 50}}
    groups: dict[str, list[Document]] = {
        "users": [Document(("users", "ada"), account)],
        "entries": entries,
        "videos": [Document(("users", "ada", "videos", "V"), video)],
        "trash": [Document(("users", "ada", "trash", "T"), trashed)],
        "captions": [Document(("users", "ada", "captions", "V:en"), {"deflated": zlib.compress(CAPTIONS)})],
        "uploads": [Document(("users", "ada", "uploads", "U"), {"filename": "u.mp4", "size": 300})],
        "names": [Document(("users", "ada", "names", name), {"upload_id": name.upper()}) for name in "uv"],
        "days": [],
        "media": [Document(("users", "ada", "media", "V"), record)],
        "erased": [],
        "outbox": [],
        "audit": [action(kind, file_id) for kind, file_id in ACTIONS],
        "deliveries": [Document(("deliveries", "evt_1-mail"), alert)],
    }
    objects = [StoredObject("ada/V/v.mp4", 590, 7, "AAAAAA=="), StoredObject("ada/T/t.mp4", 100, 8, "AAAAAA==")]
    mp3 = StoredObject("ada/V/7/audio.mp3", 50, 9, "AAAAAA==")
    return Evidence(
        NOW,
        documents=groups,
        media={one.name: one for one in objects},
        arrivals=[Arrival(one.name, one.size, NOW, composed=False) for one in objects],
        derived={mp3.name: mp3},
        mails=[mail("Your storage is nearly full")],
        webhook_secret=SECRET,
        directory={"ada"},
    )


def problems(found: Evidence, journal: Journal | None = None, *, uploads_are_over: bool = False) -> list[str]:
    findings, journal = Findings(), journal or Journal()
    check_books(found, journal, TERMS, findings)
    check_arrivals(found, journal, findings)
    check_buckets(found, journal, findings, uploads_are_over=uploads_are_over)
    check_messages(found, journal, findings)
    check_audit(found, journal, findings)
    check_erased(found, journal, findings)
    return findings.problems


def fields_of(found: Evidence, group: str, place: int = 0) -> dict[str, Any]:
    fields = found.documents[group][place].fields
    assert isinstance(fields, dict)
    return fields


def test_what_agrees_is_good() -> None:
    assert problems(evidence()) == []


BREAKAGES: dict[str, Callable[[Evidence], object]] = {
    "stored in the account": lambda one: fields_of(one, "users").update(stored=601),
    "reserved in the account": lambda one: fields_of(one, "users").update(reserved=0),
    "by their texts: {}, expected {'V:en': 10}": lambda one: one.documents["captions"].clear(),
    "by their texts: {'V:en': 10}, expected {}": lambda one: fields_of(one, "videos").update(captions=[]),
    "by their texts: {'V:en': 6}, expected {'V:en': 10}": lambda one: fields_of(one, "captions").update(deflated=OTHERS),
    "open uploads": lambda one: fields_of(one, "users").update(open_uploads=2),
    "numbers of the ledger": lambda one: one.documents["entries"].append(entry(9, "register:ada")),
    "claims of names": lambda one: one.documents["names"].append(Document(("users", "ada", "names", "x"), {"upload_id": "X"})),
    "without a claim": lambda one: one.documents["names"].pop(),
    "names that are there twice": lambda one: fields_of(one, "uploads").update(filename="v.mp4"),
    "uploaded on 2026-01-02": lambda one: fields_of(one, "users")["today"].update(uploaded=699),
    "byte-seconds": lambda one: fields_of(one, "entries", 1).update(at=NOW),
    "no such day": lambda one: fields_of(one, "entries", 5).update(date="2026-01-03"),
    "before the one of the entry before it": lambda one: fields_of(one, "entries", 5).update(date="2026-01-01"),
    "of 1000 bytes of storage": lambda one: fields_of(one, "entries", 5)["movement"].update(reserved=500),
    f"of 1000 bytes of {DATE}": lambda one: fields_of(one, "entries", 5)["movement"].update(reserved=301),
    "rejected uploads on": lambda one: fields_of(one, "entries", 4)["movement"].update(rejected_count=2),
    "by what arrived": lambda one: one.arrivals.append(Arrival("ada/W/w.mp4", 1, NOW, composed=False)),
    "uploads that ended twice": lambda one: one.documents["entries"].append(entry(8, "release:V")),
    "the object of V is missing": lambda one: one.media.pop("ada/V/v.mp4"),
    "the object of T": lambda one: one.media.update({"ada/T/t.mp4": StoredObject("ada/T/t.mp4", 99, 8, "AAAAAA==")}),
    "in no books": lambda one: one.media.update({"ada/W/w.mp4": StoredObject("ada/W/w.mp4", 9, 9, "AAAAAA==")}),
    "derived from nothing": lambda one: one.documents["media"].clear(),
    "its size": lambda one: one.derived.update({"ada/V/7/audio.mp3": StoredObject("ada/V/7/audio.mp3", 51, 9, "")}),
    "audio.mp3 is there": lambda one: one.derived.clear(),
    "no action for delete:T:5": lambda one: one.documents["audit"].pop(),
    "the outbox": lambda one: one.documents["outbox"].append(Document(("outbox", "alert:1"), {})),
    "mails that came twice": lambda one: setattr(one, "mails", [*one.mails, *one.mails]),
    "a text of its user's": lambda one: setattr(one, "mails", [mail("v.mp4 is ready")]),
    "nobody has verified": lambda one: setattr(one, "mails", [mail("Welcome", to="ada@unverified.example")]),
    "is pending": lambda one: fields_of(one, "deliveries").update(state="pending"),
    "alerts without a delivery": lambda one: one.documents["deliveries"].clear(),
    "alerts that nobody raised": lambda one: fields_of(one, "users")["today"]["raised"].clear(),
    "signature is wrong": lambda one: setattr(one, "webhooks", [hook(status=500)]),
    "nobody received it": lambda one: fields_of(one, "deliveries").update(channel="local"),
}


def hook(status: int) -> dict[str, Any]:
    body = json.dumps({"data": {"event_id": "video.ready:1"}})
    return {"headers": {"webhook-id": "evt_1", "webhook-timestamp": "1"}, "body": body, "answered": status}


@pytest.mark.parametrize("what", BREAKAGES)
def test_a_difference_is_found(what: str) -> None:
    broken = copy.deepcopy(evidence())
    BREAKAGES[what](broken)
    assert any(what in problem for problem in problems(broken)), problems(broken)


def test_a_limit_holds_as_it_was_at_the_grant() -> None:
    raised = evidence()
    fields_of(raised, "users").update(sequence=9, reserved=800)
    raised.documents["entries"] += [
        entry(8, "limits:1", reason="by an admin: storage_limit default -> 5000, daily_limit default -> 5000"),
        entry(9, "reserve:W", reserved=500),
    ]
    raised.documents["audit"].append(action("upload.granted", "W"))
    raised.documents["uploads"].append(Document(("users", "ada", "uploads", "W"), {"filename": "w.mp4", "size": 500}))
    raised.documents["names"].append(Document(("users", "ada", "names", "w"), {"upload_id": "W"}))
    fields_of(raised, "users").update(open_uploads=2)
    assert problems(raised) == []
    fields_of(raised, "entries", 7).update(reason="by an admin: storage_limit default -> 5000")
    assert [one for one in problems(raised) if f"of 1000 bytes of {DATE}" in one]


def test_what_was_acknowledged_must_be_in_the_ledger() -> None:
    journal = Journal()
    journal.ack("ada", "reserve:V")
    journal.ack("ada", "commit:V#")
    journal.ack("ada", "delete:T:")
    assert problems(evidence(), journal) == []
    journal.ack("ada", "purge:T")
    journal.ack("bob", "register:bob")
    assert len(problems(evidence(), journal)) == 2


def test_nothing_may_be_left_of_uploads_that_are_over() -> None:
    found = evidence()
    found.media["__parts__/ada/U/00000"] = StoredObject("__parts__/ada/U/00000", 300, 1, "")
    assert problems(found) == []
    assert len(problems(found, uploads_are_over=True)) == 2  # the upload, and its part


def test_a_deleted_user_is_named_nowhere() -> None:
    journal = Journal(deleted={"ada": "lovelace@example.com"})
    found = problems(evidence(), journal)
    assert any("in the directory" in one for one in found)
    assert any("names a deleted user" in one for one in found)
    assert any("belongs to a deleted user" in one for one in found)
    nothing = Evidence(NOW, documents={name: [] for name in evidence().documents})
    assert problems(nothing, journal) == []
    tombstone = Document(("erased", hashlib.sha256(b"reelgate\0user\0ada").hexdigest()), {"begun_at": NOW})
    nothing.documents["erased"].append(tombstone)
    late = {"action_type": "login", "user_id": "", "created_at": NOW, "details": {"email": "lovelace@example.com"}}
    nothing.documents["audit"] = [Document(("audit", "1"), late)]
    assert problems(nothing, journal) == []  # anybody can type an address
    early = late | {"created_at": NOW - timedelta(minutes=1)}
    nothing.documents["audit"] = [Document(("audit", "1"), early)]
    assert len(problems(nothing, journal)) == 1


def test_errors_in_logs_are_found_but_refused_mails(tmp_path: Path) -> None:
    lines = [
        {"severity": "INFO", "message": "all is well"},
        {"severity": "ERROR", "message": "delivery evt_1 of storage.alert: failed"},
        {"severity": "ERROR", "message": "task sweep failed"},
    ]
    (tmp_path / "notify-0.log").write_text("".join(json.dumps(line) + "\n" for line in lines) + "Traceback (most recent\n")
    findings = Findings()
    check_logs(tmp_path, findings)
    assert sorted(findings.problems) == [
        "1 times in the log of notify-0: a traceback outside of the log",
        "1 times in the log of notify-0: task sweep failed",
    ]
