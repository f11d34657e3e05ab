"""The books of each user: account, ledger, videos, uploads, names and days must agree, and limits hold at each grant."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.chaos.checks.evidence import Document, Evidence
from tests.chaos.checks.findings import Findings
from tests.chaos.journal import Journal

STORAGE_GRANTS = {"reserve", "chunk", "restore", "captions"}
UPLOAD_GRANTS = {"reserve", "chunk"}
DAY_GRANTS = {"reserve", "chunk", "stream", "report-upload"}
_LIMIT = r"{} \S+ -> (\S+?)(?:,|$)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the deployment grants: bytes of storage and of a day, in its time zone, and rejected uploads of a day."""

    storage: int
    daily: int
    rejected_uploads: int
    zone: ZoneInfo


def check_books(evidence: Evidence, journal: Journal, terms: Terms, findings: Findings) -> None:
    """Check all users who were not deleted."""
    groups = {name: evidence.by_user(name) for name in ("entries", "uploads", "videos", "trash", "captions", "names", "days")}
    acknowledged: dict[str, set[str]] = {}
    for one in journal.acknowledged:
        acknowledged.setdefault(one.uid, set()).add(one.entry)
    for account in evidence.documents["users"]:
        if account.uid in journal.deleted:
            continue
        findings.count_checked("accounts")
        of_user = {name: group.get(account.uid, []) for name, group in groups.items()}
        entries = sorted(of_user["entries"], key=lambda entry: entry.fields["sequence"])
        findings.count_checked("entries", len(entries))
        _check_account(account, entries, of_user, findings)
        _check_names(account.uid, of_user, findings)
        _check_captions(account.uid, of_user, findings)
        _check_days(account, entries, of_user["days"], findings)
        _check_byte_seconds(account, entries, of_user["days"], terms.zone, findings)
        _check_limits(account.uid, entries, terms, findings)
        _check_settled_once(account.uid, entries, findings)
        _check_acknowledged(account.uid, entries, acknowledged.pop(account.uid, set()), findings)
    for uid, told in acknowledged.items():
        if uid not in journal.deleted:
            findings.problem(f"{uid} has no account, but {len(told)} operations of theirs were acknowledged")


def fold(entries: Sequence[Document]) -> Counter[str]:
    """Return the sums of the ledger's movements."""
    sums: Counter[str] = Counter()
    for entry in entries:
        for name, value in entry.fields["movement"].items():
            sums[name] += value
    return sums


def _settled_on(day: str, entries: Sequence[Document]) -> Counter[str]:
    """Return what the entries that settle charges say of a day: what was charged on it, and what they have moved on it."""
    sums: Counter[str] = Counter()
    for entry in entries:
        settlement = entry.fields.get("settlement")
        if settlement is None:
            continue
        if settlement["charged_on"] == day:
            sums["measured"] += settlement["measured"]
            sums["sent"] += settlement["sent"]
        if entry.fields["date"] == day:
            sums["moved"] += entry.fields["movement"]["streamed"]
    return Counter({name: value for name, value in sums.items() if value})


def _check_account(
    account: Document, entries: Sequence[Document], of_user: Mapping[str, list[Document]], findings: Findings
) -> None:
    uid, fields, sums = account.uid, account.fields, fold(entries)
    size_of = {name: sum(one.stored_bytes for one in of_user[name]) for name in ("videos", "trash", "uploads")}
    for what, listed in (("stored", "videos"), ("trash", "trash"), ("reserved", "uploads")):
        findings.same(f"{uid}: {what} in the account, by its ledger", fields[what], sums[what])
        findings.same(f"{uid}: {what} in the account, by its {listed}", fields[what], size_of[listed])
    findings.same(f"{uid}: open uploads", fields["open_uploads"], len(of_user["uploads"]))
    numbers = [entry.fields["sequence"] for entry in entries]
    findings.same(f"{uid}: numbers of the ledger", numbers, list(range(1, fields["sequence"] + 1)))


def _check_names(uid: str, of_user: Mapping[str, list[Document]], findings: Findings) -> None:
    owners = Counter(one.fields["upload_id"] for one in of_user["names"])
    expected = Counter([one.id for one in of_user["uploads"]] + [one.id for one in of_user["videos"]])
    findings.same(f"{uid}: claims of names", owners - expected, Counter())
    findings.same(f"{uid}: uploads and videos without a claim", expected - owners, Counter())
    names = Counter(one.fields["filename"] for one in (*of_user["uploads"], *of_user["videos"]))
    findings.same(f"{uid}: names that are there twice", [name for name, times in names.items() if times > 1], [])


def _check_captions(uid: str, of_user: Mapping[str, list[Document]], findings: Findings) -> None:
    """Every text belongs to captions that a video lists, also one in the trash, and has their size."""
    videos = [*of_user["videos"], *of_user["trash"]]
    listed = {f"{video.id}:{one['language']}": one["size"] for video in videos for one in video.fields.get("captions", ())}
    texts = {one.id: len(zlib.decompress(one.fields["deflated"])) for one in of_user["captions"]}
    findings.count_checked("captions", len(listed))
    findings.same(f"{uid}: sizes of captions, by their texts", texts, listed)


def _check_days(account: Document, entries: Sequence[Document], closed: Sequence[Document], findings: Findings) -> None:
    by_date: dict[str, list[Document]] = {}
    for entry in entries:
        by_date.setdefault(entry.fields["date"], []).append(entry)
    today = account.fields["today"]
    days: dict[str, Mapping[str, Any]] = {day.id: day.fields for day in closed}
    findings.same(f"{account.uid}: today is closed already", today["date"] in days, False)
    days[today["date"]] = today
    for on in by_date.keys() | days.keys():
        if on not in days:
            findings.problem(f"{account.uid}: there are entries of {on}, but no such day")
            continue
        findings.count_checked("days")
        sums, day = fold(by_date.get(on, [])), days[on]
        for name in sums:
            if name in day and name not in {"stored", "reserved", "trash"}:
                findings.same(f"{account.uid}: {name} on {on}", day[name], sums[name])
        waived = fold([entry for entry in by_date.get(on, []) if entry.fields["kind"] == "reset-day"])
        for name in ("uploaded", "streamed"):
            findings.same(f"{account.uid}: {name} waived on {on}", day["waived"].get(name, 0), -waived[name])
        settled = Counter(day.get("settled", {}))
        findings.same(f"{account.uid}: settled on {on}", settled, _settled_on(on, entries))


def _check_byte_seconds(
    account: Document, entries: Sequence[Document], closed: Sequence[Document], zone: ZoneInfo, findings: Findings
) -> None:
    """Each day has the integral of the stored bytes: what its beginning had, and what each entry added, until its end."""
    days = {day.id: day.fields["byte_seconds"] for day in closed}
    days[account.fields["today"]["date"]] = account.fields["today"]["byte_seconds"]
    for on, found in days.items():
        begins = datetime.combine(date.fromisoformat(on), time(), zone)
        ends = begins + timedelta(days=1)
        before = sum(entry.fields["movement"]["stored"] for entry in entries if entry.fields["date"] < on)
        expected = before * 86_400
        for entry in entries:
            if entry.fields["date"] == on:
                left = math.ceil((ends - entry.fields["at"]).total_seconds())
                expected += entry.fields["movement"]["stored"] * min(max(0, left), 86_400)
        findings.same(f"{account.uid}: byte-seconds of {on}", int(found), expected)


def _check_limits(uid: str, entries: Sequence[Document], terms: Terms, findings: Findings) -> None:
    """Replay the ledger in its order: at each grant, what was granted fitted into the limits of that moment."""
    storage, daily = terms.storage, terms.daily
    stored = reserved = used = rejected = 0
    today = ""
    for entry in entries:
        fields, movement = entry.fields, entry.fields["movement"]
        if fields["date"] != today:
            if fields["date"] < today:
                findings.problem(f"{uid}: the day of {entry.id} is before the one of the entry before it")
            today, used, rejected = fields["date"], 0, 0
        stored, reserved = stored + movement["stored"], reserved + movement["reserved"]
        used += movement["uploaded"] + movement["streamed"] + movement["rejected"]
        if fields["kind"] == "limits":
            storage = _limit_in("storage_limit", fields["reason"], storage, terms.storage)
            daily = _limit_in("daily_limit", fields["reason"], daily, terms.daily)
        grows = any(movement[name] > 0 for name in ("stored", "reserved", "uploaded", "streamed"))
        if fields["kind"] in STORAGE_GRANTS and grows:
            findings.count_checked("grants")
            if stored + reserved > storage:
                findings.problem(f"{uid}: {entry.id} made it {stored} + {reserved} of {storage} bytes of storage")
        if fields["kind"] in UPLOAD_GRANTS and rejected >= terms.rejected_uploads:
            findings.problem(f"{uid}: {entry.id} was granted after {rejected} rejected uploads on {today}")
        rejected += movement["rejected_count"]
        if fields["kind"] in DAY_GRANTS and grows and used + reserved > daily:
            findings.problem(f"{uid}: {entry.id} made it {used} + {reserved} of {daily} bytes of {today}")


def _limit_in(name: str, reason: str, current: int, default: int) -> int:
    found = re.search(_LIMIT.format(name), reason)
    if found is None:
        return current
    return int(found[1]) if found[1].isdigit() else default


def _check_settled_once(uid: str, entries: Sequence[Document], findings: Findings) -> None:
    """Each grant ends at most once: as a video, or by giving back what was reserved."""
    ends = Counter(entry.fields["file_id"] for entry in entries if entry.fields["kind"] in {"commit", "release"})
    findings.same(f"{uid}: uploads that ended twice", [one for one, times in ends.items() if times > 1], [])


def _check_acknowledged(uid: str, entries: Sequence[Document], told: set[str], findings: Findings) -> None:
    ids = {entry.fields["entry_id"] for entry in entries}
    for entry in told:
        findings.count_checked("acknowledged operations")
        if entry not in ids and not (entry[-1] in ":#" and any(one.startswith(entry) for one in ids)):
            findings.problem(f"{uid}: {entry} was acknowledged, and is not in the ledger")
