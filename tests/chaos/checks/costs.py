"""What costs money, against the operator's numbers: a table of figures, each the largest of any user.

A figure without a bound is measured all the same. `FIGURES` is the table: a name, and how it is measured.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.chaos.checks.evidence import Document, Evidence
from tests.chaos.checks.findings import Figure
from tests.chaos.journal import Journal

PARTS = "__parts__/"
_LIMIT = r"(storage_limit|daily_limit) \S+ -> (\d+)"
_DEFAULTS = {"storage_limit": "REELGATE_STORAGE_LIMIT_BYTES", "daily_limit": "REELGATE_DAILY_LIMIT_BYTES"}


class Costs:
    """The evidence, with what the figures share. `settings` are the deployment's, as its operator has set them."""

    def __init__(self, evidence: Evidence, journal: Journal, settings: Mapping[str, str], zone: ZoneInfo) -> None:
        self.evidence, self.journal, self.zone, self._settings = evidence, journal, zone, settings
        self._largest: dict[tuple[str, str], int] = {}
        for entry in evidence.documents["entries"]:
            if entry.fields["kind"] == "limits":
                for limit, value in re.findall(_LIMIT, entry.fields["reason"]):
                    place = (limit, entry.uid)
                    self._largest[place] = max(self._largest.get(place, 0), int(value))

    def largest(self, limit: str, uid: str) -> int:
        """Return the largest `storage_limit` or `daily_limit` that a user has ever had."""
        return max(self._largest.get((limit, uid), 0), self.setting(_DEFAULTS[limit]))

    def setting(self, name: str) -> int:
        """Return a setting that the run has set."""
        return int(self._settings[name])

    def day(self, at: datetime) -> str:
        """Return the deployment's day of an instant."""
        return at.astimezone(self.zone).date().isoformat()


def figures(costs: Costs) -> list[Figure]:
    """Return all figures."""
    return [measure(name, costs) for name, measure in FIGURES.items()]


def _worst(name: str, amounts: Mapping[str, float], bound: float | None) -> Figure:
    where = max(amounts, key=lambda one: amounts[one], default="")
    return Figure(name, amounts.get(where, 0), bound, where)


def _beyond_the_trash(name: str, costs: Costs) -> Figure:
    """Bytes in a trash for which videos and open uploads leave no room."""
    trash = Counter[str]()
    for one in costs.evidence.documents["trash"]:
        trash[one.uid] += one.stored_bytes
    percent, beyond = costs.setting("REELGATE_TRASH_LIMIT_PERCENT"), dict[str, float]()
    for account in costs.evidence.documents["users"]:
        fields, default = account.fields, costs.setting("REELGATE_STORAGE_LIMIT_BYTES")
        limit = default if fields["storage_limit"] is None else fields["storage_limit"]
        room = max(0, limit * percent // 100 - fields["stored"] - fields["reserved"])
        beyond[account.uid] = max(0, trash[account.uid] - room)
    return _worst(name, beyond, 0)


def _arrived(name: str, costs: Costs) -> Figure:
    """Bytes that arrived for a user in a day, in percent of what may arrive.

    `check_arrivals` has shown that the ledger has all of them. A reset gives the whole daily limit again. Beyond it comes
    what was on its way when it was reached: whole objects at most of the storage limit, parts of each rejected upload.
    """
    arrived, resets = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for entry in costs.evidence.documents["entries"]:
        place, movement = (entry.uid, entry.fields["date"]), entry.fields["movement"]
        if entry.fields["kind"] == "reset-day":
            resets[place] += 1
        elif entry.fields["kind"] != "report-upload":
            arrived[place] += movement["uploaded"] + movement["rejected"]
    on_its_way = 1 + costs.setting("REELGATE_REJECTED_UPLOADS_PER_DAY")
    amounts = {}
    for place, bytes_ in arrived.items():
        uid, on = place
        bound = costs.largest("daily_limit", uid) * (1 + resets[place]) + costs.largest("storage_limit", uid) * on_its_way
        amounts[f"{uid} on {on}"] = round(100 * bytes_ / bound, 1)
    return _worst(name, amounts, 100)


def _rejected(name: str, costs: Costs) -> Figure:
    amounts: Counter[str] = Counter()
    for entry in costs.evidence.documents["entries"]:
        amounts[f"{entry.uid} on {entry.fields['date']}"] += max(0, entry.fields["movement"]["rejected_count"])
    return _worst(name, amounts, None)


def _parts(name: str, costs: Costs) -> Figure:
    open_uploads = {one.id for one in costs.evidence.documents["uploads"]}
    amounts: Counter[str] = Counter()
    for one in costs.evidence.media.values():
        if one.name.startswith(PARTS) and one.name.split("/")[2] not in open_uploads:
            amounts[_owner(one.name)] += one.size
    return _worst(name, amounts, None)


def _largest_mp3(name: str, costs: Costs) -> Figure:
    floor, percent = costs.setting("REELGATE_AUDIO_FLOOR_BYTES"), costs.setting("REELGATE_AUDIO_MAX_PERCENT")
    sizes = _sizes_of_files(costs)
    amounts = {
        one.name: round(100 * one.size / max(floor, sizes[_file_of(one.name)] * percent // 100), 1)
        for one in costs.evidence.derived.values()
        if one.name.endswith("/audio.mp3") and _file_of(one.name) in sizes
    }
    return _worst(name, amounts, 100)


def _largest_poster(name: str, costs: Costs) -> Figure:
    amounts = {one.name: one.size for one in costs.evidence.derived.values() if one.name.endswith("/poster.jpg")}
    return _worst(name, amounts, costs.setting("REELGATE_POSTER_MAX_BYTES"))


def _derived_beyond_files(name: str, costs: Costs) -> Figure:
    """Derived bytes of a user that exceed the sizes of the files, in percent of what they may be in all."""
    sizes, of_file = _sizes_of_files(costs), Counter[tuple[str, bool]]()
    for one in costs.evidence.derived.values():  # what is packaged is covered by the file once more
        of_file[_file_of(one.name), "/hls/" in one.name] += one.size
    owners = {_file_of(one.name): _owner(one.name) for one in costs.evidence.derived.values()}
    beyond: Counter[str] = Counter()
    for (file_id, _), derived in of_file.items():
        beyond[owners[file_id]] += max(0, derived - sizes.get(file_id, 0))
    percent = costs.setting("REELGATE_DERIVED_LIMIT_PERCENT")
    # What is converted at once may exceed the bound by one MP3 and poster each.
    at_once = (costs.setting("REELGATE_CONVERT_RUNS_PER_USER") - 1) * costs.setting("REELGATE_AUDIO_FLOOR_BYTES")
    bounds = {uid: costs.largest("storage_limit", uid) * percent // 100 + at_once for uid in beyond}
    return _worst(name, {uid: round(100 * beyond[uid] / bounds[uid], 1) for uid in beyond}, 100)


def _conversion_seconds(name: str, costs: Costs) -> Figure:
    amounts: Counter[str] = Counter()
    for one in costs.evidence.documents["media"]:
        amounts[f"{one.uid} on {one.fields['run_day']}"] += one.fields["run_seconds"]
    at_once = costs.setting("REELGATE_CONVERT_RUNS_PER_USER") - 1
    more = at_once * costs.setting("REELGATE_CONVERT_DEADLINE_SECONDS")
    return _worst(name, amounts, costs.setting("REELGATE_CONVERT_DAY_SECONDS") + more)


def _sizes_of_files(costs: Costs) -> dict[str, int]:
    documents = costs.evidence.documents
    return {one.id: one.fields["size"] for one in (*documents["videos"], *documents["trash"])}


def _file_of(derived: str) -> str:
    return derived.split("/")[1]


def _unfinished(name: str, costs: Costs) -> Figure:
    unfinished = [one for one in costs.evidence.media_records if one.fields["audio"]["state"] in {"queued", "running"}]
    return Figure(name, len(unfinished), None)


def _was_mailed(delivery: Document) -> bool:
    return delivery.fields["channel"] == "mail" and delivery.fields["state"] in {"delivered", "uncertain"}


def _mails(name: str, costs: Costs) -> Figure:
    """Mails that were sent without an admin, who may go beyond the number."""
    again = {
        one.fields["details"].get("delivery_id")
        for one in costs.evidence.documents["audit"]
        if one.fields["action_type"] == "delivery.redelivered"
    }
    amounts: Counter[str] = Counter()
    for one in costs.evidence.documents["deliveries"]:
        if _was_mailed(one) and one.id not in again:
            amounts[f"{one.fields['uid']} on {one.fields['mailed_on']}"] += 1
    return _worst(name, amounts, costs.setting("REELGATE_MAILS_PER_DAY"))


def _alerts(name: str, costs: Costs) -> Figure:
    amounts: Counter[str] = Counter()
    for one in costs.evidence.documents["deliveries"]:
        if _was_mailed(one) and one.fields["type"].endswith(".alert"):
            amounts[one.fields["event_id"].rpartition(":")[0]] += 1
    return _worst(name, amounts, 1)


def _urls(name: str, costs: Costs) -> Figure:
    """Streaming URLs that a user was given within any sixty seconds.

    Instances share nine tenths of a minute's rate, and each has a tenth of its own, twice if it begins within the minute. The
    clocks jump, so that three minutes can begin within sixty seconds; and instances are killed, which others follow.
    """
    amounts: dict[str, float] = {}
    for uid, times in costs.journal.url_requests.items():
        first = 0
        for number, at in enumerate(times):
            while at - times[first] > 60:
                first += 1
            amounts[uid] = max(amounts.get(uid, 0), number - first + 1)
    instances, minutes = 6, 3
    rate = costs.setting("REELGATE_URL_REQUESTS_PER_MINUTE")
    return _worst(name, amounts, rate * (9 * minutes + 2 * instances) // 10)


def _open_uploads(name: str, costs: Costs) -> Figure:
    amounts = Counter(one.uid for one in costs.evidence.documents["uploads"])
    return _worst(name, amounts, costs.setting("REELGATE_MAX_OPEN_UPLOADS"))


def _keys(name: str, costs: Costs) -> Figure:
    amounts = Counter(one.fields.get("uid", one.uid) for one in costs.evidence.documents["api_keys"] if "label" in one.fields)
    return _worst(name, amounts, 25)


def _owner(name: str) -> str:
    return name.removeprefix(PARTS).partition("/")[0]


FIGURES: dict[str, Callable[[str, Costs], Figure]] = {
    "streaming URLs of a user within a minute": _urls,
    "open uploads of a user": _open_uploads,
    "API keys of a user": _keys,
    "bytes in a user's trash beyond its room": _beyond_the_trash,
    "bytes that arrived for a user in a day, percent of what may": _arrived,
    "rejected uploads of a user in a day, resets included": _rejected,
    "bytes of parts without an open upload, of a user": _parts,
    "an MP3, percent of what it may have": _largest_mp3,
    "bytes of a poster": _largest_poster,
    "derived bytes of a user beyond their files, percent of what they may be": _derived_beyond_files,
    "seconds of conversion of a user in a day": _conversion_seconds,
    "conversions that are not finished": _unfinished,
    "mails to a user in a day": _mails,
    "mails about one threshold in a day": _alerts,
}
