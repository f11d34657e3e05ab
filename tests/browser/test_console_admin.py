"""The console's pages for usage, the account and administrators, in a real browser over the whole local cloud."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from tests.browser.chromium import PHONE, Page
from tests.browser.console_tour import Tour
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually

TOO_LARGE = {"filename": "too-large.mp4", "size": 51 * MIB}


@pytest.fixture
def tour(console: str, person: Person, open_page: Callable[..., Page]) -> Tour:
    """A user who is signed in."""
    signed_in = Tour(open_page(), console)
    signed_in.sign_in(person.email, person.password)
    return signed_in


def signs_in(person: Person, password: str) -> bool:
    """Return whether a password is the right one."""
    with httpx.Client(base_url=person.api.base_url, timeout=60) as api:
        return api.post("/v1/auth/login", json={"email": person.email, "password": password}).status_code == 200


def test_usage_is_what_the_books_say(tour: Tour, person: Person) -> None:
    person.upload("holiday.mp4", b"v" * 1_500_000)
    assert person.api.get("/stream/direct/holiday.mp4").status_code == 200
    person.ask("open.mp4", 2_000_000)
    now = person.api.get("/v1/usage").json()
    assert (now["storage"]["used"], now["bandwidth"]["uploaded"], now["bandwidth"]["reserved"]) == (
        1_500_000,
        1_500_000,
        2_000_000,
    )

    tour.go("/usage", "Usage")
    text = tour.text()
    for words in (
        "Videos and captions\n1.5 MB",
        "Reserved by open uploads\n2 MB",
        "Uploaded\n1.5 MB",
        "Watching, as estimated\n1.5 MB",
    ):
        assert words in text
    tour.press("Show the numbers")  # the first of the two charts
    tour.reads("1.5 MB\t1.5 MB", ".day-chart table")
    assert "Upload finished\nholiday.mp4" in text
    assert "Upload started\nopen.mp4" in text
    tour.check()

    days = len(tour.page.evaluate("[...document.querySelectorAll('.day-chart')[0].querySelectorAll('.bar')].map((one) => 1)"))
    assert 28 <= days <= 31
    assert tour.page.evaluate("document.querySelector('.month-switch button').disabled"), "the account is of this month"
    tour.page.do("setViewportSize", PHONE["viewport"])
    assert tour.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tour.nothing_wrong()


def test_an_account_is_looked_after(tour: Tour, person: Person) -> None:
    tour.go("/account", "Account")
    assert person.email in tour.text()
    tour.check()

    tour.page.do("click", "text=When an MP3 is ready")
    eventually(lambda: person.api.get("/v1/me").json()["mails"] == {"alerts": True, "audio": False}, "the muted mail")

    tour.press("New key")
    tour.fill("What it is for", "Nightly backup", "dialog")
    tour.check()
    tour.answer("Make the key")
    tour.page.wait_for("document.querySelector('dialog input.secret')")
    key = tour.page.evaluate("document.querySelector('dialog input.secret').value")
    assert person.api.get("/v1/videos", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    tour.check()
    tour.answer("I have kept it")
    tour.reads("Nightly backup")
    assert key not in tour.page.evaluate(
        "document.documentElement.outerHTML + JSON.stringify({...localStorage, ...sessionStorage})"
    )
    tour.press("Revoke Nightly backup")
    tour.answer("Revoke the key")
    tour.reads("You have no keys.")
    assert person.api.get("/v1/me/api-keys").json()["items"] == []

    person.ask("mine.mp4", 5)
    name, text = tour.save("Download my data")
    assert name.startswith("reelgate-export-")
    saved = json.loads(text)
    assert (saved["user"]["email"], [one["filename"] for one in saved["uploads"]]) == (person.email, ["mine.mp4"])

    tour.fill("Present password", "not this one")
    tour.fill("New password", "a better battery staple")
    tour.press("Change the password")
    tour.page.wait_for("document.querySelector('main .error-message')")
    assert signs_in(person, person.password)
    tour.fill("Present password", person.password)
    tour.press("Change the password")
    tour.reads("Your password is changed", ".toasts")
    assert signs_in(person, "a better battery staple")
    assert not signs_in(person, person.password)
    tour.go("/usage", "Usage")  # the session goes on
    assert "left" in tour.text()
    tour.nothing_wrong()


def test_an_account_deletes_itself(tour: Tour, person: Person, admin: Person, cloud: Mapping[str, str]) -> None:
    person.upload("gone.mp4", b"v" * 1000)
    tour.go("/admin/users", "Not for your account")
    tour.check()
    tour.go("/account", "Account")
    tour.press("Delete my account")
    tour.check()
    assert tour.page.evaluate("document.querySelector('dialog[open] .danger').disabled")
    tour.fill(f"To be sure, type your address: {person.email}", person.email.upper(), "dialog")
    tour.fill("Your password", "not this one", "dialog")
    tour.answer("Delete everything")
    tour.page.wait_for("document.querySelector('dialog[open] .error-message')")
    assert signs_in(person, person.password)
    tour.fill("Your password", person.password, "dialog")
    tour.answer("Delete everything")
    tour.reads("Your account is deleted", "dialog[open] h2", seconds=90)
    assert admin.api.get(f"/v1/admin/users/{person.uid}").status_code == 404
    assert not signs_in(person, person.password)
    bucket = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    listed = httpx.get(bucket, params={"prefix": f"{person.uid}/"}, timeout=60).json().get("items", [])
    assert [one["name"] for one in listed if one["size"] != "0"] == []
    tour.answer("Close")
    tour.page.wait_for("document.querySelector('input[name=password]')")
    tour.nothing_wrong()


def test_an_admin_looks_after_a_user(console: str, person: Person, admin: Person, open_page: Callable[..., Page]) -> None:
    tour = Tour(open_page(), console)
    tour.sign_in(admin.email, admin.password)
    person.upload("theirs.mp4", b"v" * 2000)
    tour.go("/admin/users", "Users")
    tour.check()
    tour.fill("Find by e-mail address or user id", person.email)
    tour.page.press("Enter")
    tour.page.wait_for("document.querySelectorAll('main tbody tr').length === 1")
    tour.page.do("click", f"main >> text={person.email}")
    tour.reads(person.email, "h1")
    tour.settled()
    tour.check()

    tour.page.do("click", ".limit-row:first-child input[type=checkbox]")
    tour.fill("Storage", "lots")
    tour.reads("Enter a size, such as 50 GB")
    tour.fill("Storage", "1.5 GB")
    tour.press("Save the limits")
    tour.reads("The limits are saved", ".toasts")
    shown = admin.api.get(f"/v1/admin/users/{person.uid}").json()["limits"]
    assert (shown["storage"], shown["own"]) == (1_500_000_000, ["storage"])
    tour.press("Give the day back")
    tour.answer("Give the day back")
    eventually(lambda: person.api.get("/v1/usage").json()["bandwidth"]["used"] == 0, "a day that was given back")

    tour.press("Disable")
    tour.answer("Disable")
    tour.reads("disabled", ".page-actions")
    refused = person.api.post("/v1/uploads", json={"filename": "no.mp4", "size": 5})
    assert refused.json()["code"] == "account_disabled"
    explained(tour, refused, "An admin has disabled the account.", "Enable it on the user's page")
    tour.check()
    tour.go(f"/admin/users/{person.uid}", person.email)
    tour.press("Enable")
    tour.answer("Enable")
    tour.reads("active", ".page-actions")
    bound = person.api.post("/v1/uploads", json={"filename": "large.mp4", "size": 1_600_000_000})
    explained(tour, bound, "The request was for 1.6 GB", "1.5 GB", "raise their storage limit")
    taken = person.api.post("/v1/uploads", json={"filename": "theirs.mp4", "size": 5})
    assert taken.status_code == 409
    tour.go(f"/admin/explain?id={taken.json()['request_id']}", "Explain a refusal")
    tour.reads("The audit log does not know this id")
    tour.choose("Code", "name_taken")
    tour.reads("with this file name already")
    tour.check()

    tour.go(f"/admin/users/{person.uid}", person.email)
    tour.press("Delete")
    tour.fill(f"To be sure, type: {person.email}", person.email, "dialog")
    tour.check()
    tour.answer("Delete for good")
    tour.page.wait_for("document.querySelector('h1')?.textContent === 'Users'", 90)
    assert admin.api.get(f"/v1/admin/users/{person.uid}").status_code == 404
    tour.nothing_wrong()


def explained(tour: Tour, refused: httpx.Response, *words: str) -> None:
    """Look a refusal up by its request id, until the audit log has it."""
    tour.go(f"/admin/explain?id={refused.json()['request_id']}", "Explain a refusal")

    def told() -> bool:
        tour.settled()
        if all(one in tour.text() for one in words):
            return True
        if "does not know this id" in tour.text():
            tour.press("Look again")
        return False

    eventually(told, f"an explanation of {refused.text}")


def test_an_admin_reads_what_happened(console: str, person: Person, admin: Person, open_page: Callable[..., Page]) -> None:
    tour = Tour(open_page(), console)
    tour.sign_in(admin.email, admin.password)
    person.upload("seen.mp4", b"v" * 3000)
    assert person.api.post("/v1/uploads", json=TOO_LARGE).status_code == 403
    delivery = admin.first_delivery_about(person.uid)

    tour.go(f"/admin/audit?who={person.email}", "Audit log")
    tour.check()
    tour.choose("Outcome", "denied")
    eventually(lambda: searched(tour, "The request was for 53.5 MB"), "the denial in the log")
    assert tour.page.evaluate("document.querySelectorAll('main tbody tr').length") == 1
    name, text = tour.save("NDJSON")
    [event] = [json.loads(line) for line in text.splitlines()]
    assert (name.rpartition(".")[2], event["details"]["code"]) == ("ndjson", "storage_limit_exceeded")
    name, text = tour.save("CSV")
    assert (name.rpartition(".")[2], len(text.splitlines())) == ("csv", 2)
    tour.press("Details of Upload requested: too-large.mp4")
    tour.reads(str(51 * MIB), "dialog[open]")
    tour.check()
    tour.answer("Close")

    tour.go(f"/admin/deliveries?user={person.uid}", "Mails and webhooks")
    tour.check()
    tour.go(f"/admin/deliveries/{delivery}", admin_title(tour, delivery, admin))
    before = admin.api.get(f"/v1/admin/deliveries/{delivery}").json()["attempts"]
    tour.page.do("click", ".page-actions >> text=Send again")
    tour.answer("Send again")
    eventually(lambda: admin.api.get(f"/v1/admin/deliveries/{delivery}").json()["attempts"] > before, "another attempt")
    tour.check()

    tour.go(f"/admin/usage?user={person.uid}", "Usage of all")
    assert f"{person.email}" in tour.text()
    tour.check()
    name, text = tour.save("Download CSV")
    [header, line] = text.splitlines()
    invoice = dict(zip(header.split(","), line.split(","), strict=True))
    assert (invoice["user_id"], invoice["uploaded"]) == (person.uid, "3000")
    tour.page.evaluate("document.querySelector('main .note a').click()")
    tour.reads("Order an export")
    tour.press("Order an export")
    tour.reads("Ordered", ".exports")
    tour.nothing_wrong()


def searched(tour: Tour, words: str) -> bool:
    """Search again, and return whether the words were found."""
    tour.press("Search")
    tour.settled()
    return words in tour.text()


def admin_title(tour: Tour, delivery: str, admin: Person) -> str:
    """Return the title of a delivery's page."""
    kind = admin.api.get(f"/v1/admin/deliveries/{delivery}").json()["type"]
    return {"video.ready": "Video ready"}.get(kind, kind)
