"""What the chaos ring measures of costs, and that what exceeds its bound is found."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.chaos.checks.costs import Costs, figures
from tests.chaos.checks.evidence import Document, Evidence, StoredObject
from tests.chaos.checks.findings import Figure
from tests.chaos.journal import Journal

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SETTINGS = {
    "REELGATE_STORAGE_LIMIT_BYTES": "1000",
    "REELGATE_DAILY_LIMIT_BYTES": "2000",
    "REELGATE_MAX_OPEN_UPLOADS": "2",
    "REELGATE_REJECTED_UPLOADS_PER_DAY": "2",
    "REELGATE_URL_REQUESTS_PER_MINUTE": "10",
    "REELGATE_TRASH_LIMIT_PERCENT": "150",
    "REELGATE_MAILS_PER_DAY": "2",
    "REELGATE_AUDIO_FLOOR_BYTES": "100",
    "REELGATE_AUDIO_MAX_PERCENT": "200",
    "REELGATE_POSTER_MAX_BYTES": "50",
    "REELGATE_DERIVED_LIMIT_PERCENT": "50",
    "REELGATE_CONVERT_RUNS_PER_USER": "1",
    "REELGATE_CONVERT_DAY_SECONDS": "600",
    "REELGATE_CONVERT_DEADLINE_SECONDS": "60",
}
GROUPS = ("users", "uploads", "videos", "trash", "entries", "media", "deliveries", "api_keys", "days", "audit")


def measured(**documents: list[Document]) -> dict[str, Figure]:
    """Return the figures of evidence that has these documents, by name."""
    found = Evidence(NOW, documents={name: documents.get(name, []) for name in GROUPS})
    return {figure.name: figure for figure in figures(Costs(found, Journal(), SETTINGS, ZoneInfo("UTC")))}


def of(uid: str, group: str, name: str, **fields: object) -> Document:
    return Document(("users", uid, group, name), fields)


def mail(number: int, state: str) -> Document:
    fields = {"uid": "ada", "channel": "mail", "type": "storage.alert", "state": state, "mailed_on": "2026-01-02"}
    return Document(("deliveries", f"evt_{number}-mail"), {**fields, "event_id": f"alert:ada:2026-01-02:storage:80:{number}"})


def test_nothing_costs_nothing() -> None:
    assert all(figure.measured == 0 and figure.is_good for figure in measured().values())


def test_the_user_with_most_is_named() -> None:
    uploads = [of("ada", "uploads", "1"), of("bob", "uploads", "2"), of("bob", "uploads", "3")]
    figure = measured(uploads=uploads)["open uploads of a user"]
    assert (figure.measured, figure.where, figure.is_good) == (2, "bob", True)
    assert not measured(uploads=[*uploads, of("bob", "uploads", "4")])["open uploads of a user"].is_good


def test_a_trash_has_the_room_that_is_left() -> None:
    name, account = "bytes in a user's trash beyond its room", {"storage_limit": 1000, "stored": 600, "reserved": 300}
    ada = Document(("users", "ada"), account)
    trash = [of("ada", "trash", str(number), size=300) for number in range(3)]
    assert measured(users=[ada], trash=trash[:2])[name].is_good
    assert measured(users=[ada], trash=trash)[name].measured == 300
    assert not measured(users=[Document(("users", "ada"), {**account, "storage_limit": 0})], trash=trash[:1])[name].is_good


def test_the_mails_of_a_day_are_bounded_but_for_those_that_an_admin_sends() -> None:
    name, three = "mails to a user in a day", [mail(number, "delivered") for number in range(3)]
    assert measured(deliveries=[*three[:2], mail(3, "withheld")])[name].is_good
    assert not measured(deliveries=three)[name].is_good
    by_hand = Document(("audit", "1"), {"action_type": "delivery.redelivered", "details": {"delivery_id": "evt_2-mail"}})
    assert measured(deliveries=three, audit=[by_hand])[name].is_good


def test_a_second_mail_about_a_threshold_is_too_much() -> None:
    name = "mails about one threshold in a day"
    assert measured(deliveries=[mail(1, "delivered"), mail(2, "skipped")])[name].is_good
    assert not measured(deliveries=[mail(1, "delivered"), mail(2, "uncertain")])[name].is_good


def moved(number: int, kind: str, **movement: int) -> Document:
    nothing = dict.fromkeys(("uploaded", "rejected", "rejected_count"), 0)
    return of("ada", "entries", f"{kind}:{number}", kind=kind, date="2026-01-02", movement={**nothing, **movement})


def test_what_arrives_is_measured_against_the_day_its_resets_and_what_was_on_its_way() -> None:
    name = "bytes that arrived for a user in a day, percent of what may"
    entries = [moved(1, "commit", uploaded=2500), moved(2, "reject", rejected=2500), moved(3, "report-upload", uploaded=9999)]
    assert measured(entries=entries)[name].measured == 100  # 2000, and what is on its way: 1000, and 2 * 1000
    assert not measured(entries=[*entries, moved(4, "reject", rejected=10)])[name].is_good
    assert measured(entries=[*entries, moved(4, "reset-day", uploaded=-2500)])[name].measured == round(100 * 5000 / 7000, 1)


def test_parts_without_an_open_upload_are_measured() -> None:
    found = Evidence(NOW, documents={name: [] for name in GROUPS})
    found.media = {"__parts__/ada/U/00000": StoredObject("__parts__/ada/U/00000", 300, 1, "")}
    by_name = {figure.name: figure for figure in figures(Costs(found, Journal(), SETTINGS, ZoneInfo("UTC")))}
    assert by_name["bytes of parts without an open upload, of a user"].measured == 300


def test_derived_objects_are_measured_against_their_files() -> None:
    found = Evidence(NOW, documents={name: [] for name in GROUPS})
    found.documents["videos"] = [of("ada", "videos", "V", size=80), of("ada", "videos", "W", size=10)]
    objects = [("ada/V/7/audio.mp3", 160), ("ada/W/8/audio.mp3", 110), ("ada/W/8/poster.jpg", 51)]
    found.derived = {name: StoredObject(name, size, 1, "") for name, size in objects}
    by_name = {figure.name: figure for figure in figures(Costs(found, Journal(), SETTINGS, ZoneInfo("UTC")))}
    mp3 = by_name["an MP3, percent of what it may have"]
    assert (mp3.measured, mp3.where, mp3.is_good) == (110, "ada/W/8/audio.mp3", False)
    assert not by_name["bytes of a poster"].is_good
    beyond = by_name["derived bytes of a user beyond their files, percent of what they may be"]
    assert beyond.measured == round(100 * (80 + 151) / 500, 1)


def test_a_larger_limit_of_a_user_s_own_counts_where_there_was_one() -> None:
    limits = of("ada", "entries", "limits:1", kind="limits", reason="by an admin: storage_limit default -> 5000")
    found = Evidence(NOW, documents={name: [] for name in GROUPS} | {"entries": [limits]})
    costs = Costs(found, Journal(), SETTINGS, ZoneInfo("UTC"))
    assert [costs.largest("storage_limit", uid) for uid in ("ada", "bob")] == [5000, 1000]
    assert costs.largest("daily_limit", "ada") == 2000


def test_seconds_of_conversion_are_those_of_a_user_and_day() -> None:
    records = [of("ada", "media", name, run_day="2026-01-02", run_seconds=301, audio={"state": "ready"}) for name in "VW"]
    figure = measured(media=records)["seconds of conversion of a user in a day"]
    assert (figure.measured, figure.bound, figure.is_good) == (602, 600, False)


def test_urls_are_counted_within_any_sixty_seconds() -> None:
    journal = Journal(url_requests={"ada": [0, *range(50, 80), 111]})
    costs = Costs(Evidence(NOW, documents={name: [] for name in GROUPS}), journal, SETTINGS, ZoneInfo("UTC"))
    by_name = {figure.name: figure for figure in figures(costs)}
    found = by_name["streaming URLs of a user within a minute"]
    assert (found.measured, found.bound, found.where) == (30, 39, "ada")
