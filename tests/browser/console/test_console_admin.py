"""The console's pages for usage, the account and administrators, in a real browser over the whole local cloud."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from tests.browser.console.console_page import DIALOG, Console
from tests.browser.support.chromium import PHONE
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually

TOO_LARGE = {"filename": "too-large.mp4", "size": 51 * MIB}


@pytest.fixture
def user(console: Callable[..., Console], person: Person) -> Console:
    """A user who is signed in."""
    return console().enter(person)


def signs_in(person: Person, password: str) -> bool:
    """Return whether a password is the right one."""
    with httpx.Client(base_url=person.api.base_url, timeout=60) as api:
        return api.post("/v1/auth/login", json={"email": person.email, "password": password}).status_code == 200


def test_usage_is_what_the_books_say(user: Console, person: Person) -> None:
    person.upload("holiday.mp4", b"v" * 1_500_000)
    assert person.api.get("/stream/direct/holiday.mp4").status_code == 200
    person.ask("open.mp4", 2_000_000)
    now = person.api.get("/v1/usage").json()
    assert (now["storage"]["used"], now["bandwidth"]["uploaded"], now["bandwidth"]["reserved"]) == (
        1_500_000,
        1_500_000,
        2_000_000,
    )

    user.go("/usage", "Usage")
    text = user.text()
    for words in (
        "Videos and captions\n1.5 MB",
        "Reserved by open uploads\n2 MB",
        "Uploaded\n1.5 MB",
        "Watching, as estimated\n1.5 MB",
    ):
        assert words in text
    user.press("Show the numbers")  # the first of the two charts
    user.see("1.5 MB\t1.5 MB", within=".day-chart table")
    assert "Upload finished\nholiday.mp4" in text
    assert "Upload started\nopen.mp4" in text
    user.assert_accessible()

    days = len(user.page.evaluate("[...document.querySelectorAll('.day-chart')[0].querySelectorAll('.bar')].map((one) => 1)"))
    assert 28 <= days <= 31
    assert user.page.evaluate("document.querySelector('.month-switch button').disabled"), "the account is of this month"
    user.page.do("setViewportSize", PHONE["viewport"])
    assert user.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert user.complaints() == []


def test_an_account_is_looked_after(user: Console, person: Person) -> None:
    user.go("/account", "Account")
    assert person.email in user.text()
    user.assert_accessible()

    user.page.do("click", "text=When an MP3 is ready")
    eventually(lambda: person.api.get("/v1/me").json()["mails"] == {"alerts": True, "audio": False}, "the muted mail")

    user.press("New key")
    user.fill("What it is for", "Nightly backup", DIALOG)
    user.assert_accessible()
    user.answer("Make the key")
    user.page.wait_for("document.querySelector('dialog input.secret')")
    key = user.page.evaluate("document.querySelector('dialog input.secret').value")
    assert person.api.get("/v1/videos", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    user.assert_accessible()
    user.answer("I have kept it")
    user.see("Nightly backup")
    assert key not in user.page.evaluate(
        "document.documentElement.outerHTML + JSON.stringify({...localStorage, ...sessionStorage})"
    )
    user.press("Revoke Nightly backup")
    user.answer("Revoke the key")
    user.see("You have no keys.")
    assert person.api.get("/v1/me/api-keys").json()["items"] == []

    person.ask("mine.mp4", 5)
    name, text = user.save("Download my data")
    assert name.startswith("reelgate-export-")
    saved = json.loads(text)
    assert (saved["user"]["email"], [one["filename"] for one in saved["uploads"]]) == (person.email, ["mine.mp4"])

    user.fill("Present password", "not this one")
    user.fill("New password", "a better battery staple")
    user.press("Change the password")
    user.page.wait_for("document.querySelector('main .error-message')")
    assert signs_in(person, person.password)
    user.fill("Present password", person.password)
    user.press("Change the password")
    user.see("Your password is changed", within=".toasts")
    assert signs_in(person, "a better battery staple")
    assert not signs_in(person, person.password)
    user.go("/usage", "Usage")  # the session goes on
    assert "left" in user.text()
    assert user.complaints() == []


def test_an_account_deletes_itself(user: Console, person: Person, admin: Person, cloud: Mapping[str, str]) -> None:
    person.upload("gone.mp4", b"v" * 1000)
    user.go("/admin/users", "Not for your account")
    user.assert_accessible()
    user.go("/account", "Account")
    user.press("Delete my account")
    user.assert_accessible()
    assert user.page.evaluate("document.querySelector('dialog[open] .danger').disabled")
    user.fill(f"To be sure, type your address: {person.email}", person.email.upper(), DIALOG)
    user.fill("Your password", "not this one", DIALOG)
    user.answer("Delete everything")
    user.page.wait_for("document.querySelector('dialog[open] .error-message')")
    assert signs_in(person, person.password)
    user.fill("Your password", person.password, DIALOG)
    user.answer("Delete everything")
    user.see("Your account is deleted", within="dialog[open] h2", seconds=90)
    assert admin.api.get(f"/v1/admin/users/{person.uid}").status_code == 404
    assert not signs_in(person, person.password)
    bucket = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    listed = httpx.get(bucket, params={"prefix": f"{person.uid}/"}, timeout=60).json().get("items", [])
    assert [one["name"] for one in listed if one["size"] != "0"] == []
    user.answer("Close")
    user.page.wait_for("document.querySelector('input[name=password]')")
    assert user.complaints() == []


def test_an_admin_looks_after_a_user(console: Callable[..., Console], person: Person, admin: Person) -> None:
    user = console().enter(admin)
    person.upload("theirs.mp4", b"v" * 2000)
    user.go("/admin/users", "Users")
    user.assert_accessible()
    user.fill("Find by e-mail address or user id", person.email)
    user.page.press("Enter")
    user.page.wait_for("document.querySelectorAll('main tbody tr').length === 1")
    user.page.do("click", f"main >> text={person.email}")
    user.see(person.email, within="h1")
    user.settled()
    user.assert_accessible()

    user.page.do("click", ".limit-row:first-child input[type=checkbox]")
    user.fill("Storage", "lots")
    user.see("Enter a size, such as 50 GB")
    user.fill("Storage", "1.5 GB")
    user.press("Save the limits")
    user.see("The limits are saved", within=".toasts")
    shown = admin.api.get(f"/v1/admin/users/{person.uid}").json()["limits"]
    assert (shown["storage"], shown["own"]) == (1_500_000_000, ["storage"])
    user.press("Give the day back")
    user.answer("Give the day back")
    eventually(lambda: person.api.get("/v1/usage").json()["bandwidth"]["used"] == 0, "a day that was given back")

    user.press("Disable")
    user.answer("Disable")
    user.see("disabled", within=".page-actions")
    refused = person.api.post("/v1/uploads", json={"filename": "no.mp4", "size": 5})
    assert refused.json()["code"] == "account_disabled"
    explained(user, refused, "An admin has disabled the account.", "Enable it on the user's page")
    user.assert_accessible()
    user.go(f"/admin/users/{person.uid}", person.email)
    user.press("Enable")
    user.answer("Enable")
    user.see("active", within=".page-actions")
    bound = person.api.post("/v1/uploads", json={"filename": "large.mp4", "size": 1_600_000_000})
    explained(user, bound, "The request was for 1.6 GB", "1.5 GB", "raise their storage limit")
    taken = person.api.post("/v1/uploads", json={"filename": "theirs.mp4", "size": 5})
    assert taken.status_code == 409
    user.go(f"/admin/explain?id={taken.json()['request_id']}", "Explain a refusal")
    user.see("The audit log does not know this id")
    user.choose("Code", "name_taken")
    user.see("with this file name already")
    user.assert_accessible()

    user.go(f"/admin/users/{person.uid}", person.email)
    user.press("Delete")
    user.fill(f"To be sure, type: {person.email}", person.email, DIALOG)
    user.assert_accessible()
    user.answer("Delete for good")
    user.page.wait_for("document.querySelector('h1')?.textContent === 'Users'", 90)
    assert admin.api.get(f"/v1/admin/users/{person.uid}").status_code == 404
    assert user.complaints() == []


def explained(user: Console, refused: httpx.Response, *words: str) -> None:
    """Look a refusal up by its request id, until the audit log has it."""
    user.go(f"/admin/explain?id={refused.json()['request_id']}", "Explain a refusal")

    def told() -> bool:
        user.settled()
        if all(one in user.text() for one in words):
            return True
        if "does not know this id" in user.text():
            user.press("Look again")
        return False

    eventually(told, f"an explanation of {refused.text}")


def test_an_admin_reads_what_happened(console: Callable[..., Console], person: Person, admin: Person) -> None:
    user = console().enter(admin)
    person.upload("seen.mp4", b"v" * 3000)
    assert person.api.post("/v1/uploads", json=TOO_LARGE).status_code == 403
    delivery = admin.first_delivery_about(person.uid, "video.ready")  # that the MP3 failed may be told earlier

    user.go(f"/admin/audit?who={person.email}", "Audit log")
    user.assert_accessible()
    user.choose("Outcome", "denied")
    eventually(lambda: searched(user, "The request was for 53.5 MB"), "the denial in the log")
    assert user.page.evaluate("document.querySelectorAll('main tbody tr').length") == 1
    name, text = user.save("NDJSON")
    [event] = [json.loads(line) for line in text.splitlines()]
    assert (name.rpartition(".")[2], event["details"]["code"]) == ("ndjson", "storage_limit_exceeded")
    name, text = user.save("CSV")
    assert (name.rpartition(".")[2], len(text.splitlines())) == ("csv", 2)
    user.press("Details of Upload requested: too-large.mp4")
    user.see(str(51 * MIB), within=DIALOG)
    user.assert_accessible()
    user.answer("Close")

    user.go(f"/admin/deliveries?user={person.uid}", "Mails and webhooks")
    user.assert_accessible()
    user.go(f"/admin/deliveries/{delivery}", "Video ready")
    before = admin.api.get(f"/v1/admin/deliveries/{delivery}").json()["attempts"]
    user.page.do("click", ".page-actions >> text=Send again")
    user.answer("Send again")
    eventually(lambda: admin.api.get(f"/v1/admin/deliveries/{delivery}").json()["attempts"] > before, "another attempt")
    user.assert_accessible()

    user.go(f"/admin/usage?user={person.uid}", "Usage of all")
    assert f"{person.email}" in user.text()
    user.assert_accessible()
    name, text = user.save("Download CSV")
    [header, line] = text.splitlines()
    invoice = dict(zip(header.split(","), line.split(","), strict=True))
    assert (invoice["user_id"], invoice["uploaded"]) == (person.uid, "3000")
    user.page.evaluate("document.querySelector('main .note a').click()")
    user.see("Order an export")
    user.press("Order an export")
    user.see("Ordered", within=".exports")
    assert user.complaints() == []


def searched(user: Console, words: str) -> bool:
    """Search again, and return whether the words were found."""
    user.press("Search")
    user.settled()
    return words in user.text()
