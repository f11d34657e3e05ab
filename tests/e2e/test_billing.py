"""Invoices of the running system: one request for all users, whose sums are those of the ledgers, and the same as an export."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.e2e.people import Person

SUMS = {"uploaded": "uploaded", "streamed": "streamed", "deleted": "deleted"}


def this_month() -> dict[str, str]:
    """Return a range that has today in it, and a day before it."""
    today = datetime.now(UTC).date()
    return {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}


def rows_of(text: str, person: Person) -> list[dict[str, str]]:
    """Return a user's records."""
    return [row for row in csv.DictReader(io.StringIO(text, newline="")) if row["user_id"] == person.uid]


def byte_seconds(entries: list[dict[str, Any]], until: datetime) -> int:
    """Return the integral of the stored bytes, from the ledger: each change counts from the beginning of its second."""
    total = 0
    for entry in entries:
        since = datetime.fromisoformat(entry["at"]).replace(microsecond=0)
        total += entry["stored"] * ((until.replace(microsecond=0) - since) // timedelta(seconds=1))
    return total


def use_the_store(person: Person, admin: Person) -> None:
    """Upload, watch and delete, and be given the day back by an admin in between."""
    person.upload("a.mp4", bytes(3000))
    person.upload("b.mp4", bytes(500))
    assert person.api.get("/stream/direct/a.mp4").status_code == 200
    assert admin.api.post(f"/v1/admin/users/{person.uid}/reset-usage").status_code == 204
    assert person.api.get("/v1/usage").json()["bandwidth"]["used"] == 0
    person.upload("c.mp4", bytes(20))
    person.delete("b.mp4")


def test_an_invoice_is_one_request_and_its_sums_are_the_ledgers(person: Person, another: Person, admin: Person) -> None:
    use_the_store(person, admin)
    another.upload("x.mp4", bytes(77))
    began = datetime.now(UTC)
    answer = admin.api.get("/v1/admin/usage", params={**this_month(), "format": "csv"})
    ended = datetime.now(UTC)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    for who, stored, counts in ((person, 3020, ("3", "1", "1")), (another, 77, ("1", "0", "0"))):
        rows = rows_of(answer.text, who)
        entries = who.ledger()
        billed = [entry for entry in entries if entry["kind"] != "reset-day"]
        for column, name in SUMS.items():
            assert sum(int(row[column]) for row in rows) == sum(entry[name] for entry in billed)
        assert int(rows[-1]["stored"]) == sum(entry["stored"] for entry in entries) == stored
        total = sum(int(row["byte_seconds"]) for row in rows)
        assert byte_seconds(entries, began) <= total <= byte_seconds(entries, ended + timedelta(seconds=1))
        assert (rows[-1]["uploads"], rows[-1]["streams"], rows[-1]["deletions"]) == counts or len(rows) > 1  # midnight
        own = who.api.get("/v1/usage/days", params=this_month()).json()
        assert [own["total"][name] for name in SUMS] == [sum(int(row[name]) for row in rows) for name in SUMS]
    assert person.api.get("/v1/usage").json()["storage"]["trash"] == 500
    refused = person.api.get("/v1/admin/usage", params={**this_month(), "format": "csv"})
    assert (refused.status_code, another.uid in refused.text) == (403, False)


def test_an_export_is_written_by_the_sweep_and_downloaded_from_the_bucket(
    cloud: Mapping[str, str], person: Person, admin: Person
) -> None:
    person.upload("a.mp4", bytes(1234))
    days = this_month()
    ordered = admin.api.post("/v1/admin/usage/exports", json={**days, "group": "month"})
    assert (ordered.status_code, ordered.json()["url"]) == (202, None)
    again = admin.api.post("/v1/admin/usage/exports", json={**days, "group": "month"}).json()
    assert again["export_id"] == ordered.json()["export_id"]
    swept = httpx.post(cloud["REELGATE_RESET_DAILY_URL"], json={"tasks": ["sweep"]}, timeout=60)
    assert swept.json()["write_exports"]["failed"] == 0, swept.text
    path = ordered.headers["location"]
    export = admin.api.get(path).json()
    assert export["state"] == "ready"
    file = httpx.get(export["url"])
    assert (file.status_code, file.headers["content-type"]) == (200, "text/csv")
    assert f'filename="usage-{days["from"]}-{days["to"]}-by-month.csv"' in file.headers["content-disposition"]
    [*_, row] = rows_of(file.text, person)
    assert (row["uploaded"], row["stored"], row["email"]) == ("1234", "1234", person.email)
    other = httpx.get(export["url"].replace("usage-", "usage_"))
    assert other.status_code == 403
    assert person.api.get(path).status_code == 403


def test_a_broken_range_names_its_fields(admin: Person) -> None:
    tomorrow = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    for query in ({"from": "2026-13-01", "to": "x"}, {"from": tomorrow, "to": "2026-01-01"}):
        answer = admin.api.get("/v1/admin/usage", params={**query, "format": "csv"})
        assert answer.status_code == 400, answer.text
        assert {error["field"] for error in answer.json()["errors"]} == {"from", "to"}
