"""Uploaders side by side, with the same faults between them and the bucket. docs/upload-doors.md shows what each survives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.browser.uploaders.conftest import UploaderPage
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually
from tests.fixtures.openapi_document import ROOT

DOORS = {"reelgateUploader": "`<reelgate-uploader>`", "uppy": "Uppy", "upchunk": "UpChunk", "muxUploader": "`<mux-uploader>`"}
FAULTS: dict[str, dict[str, Any]] = {
    "the bucket answers 503 once": {"error_status": 503, "error_rate": 1},
    "429 once": {"error_status": 429, "error_rate": 1},
    "500 once": {"error_status": 500, "error_rate": 1},
    "the connection breaks once, in the middle of a part": {"drop_upload_after_bytes": 500_000},
}
RELOAD = "the page is reloaded, and the same file chosen again"
GOES_ON = "goes on"
SIZE = 6 * MIB
"""Two parts of Uppy's least size, or two chunks of a session."""


def test_what_each_door_survives(
    uploaders: UploaderPage, newcomer: Callable[[], Person], faults: Callable[[list[dict[str, Any]]], None]
) -> None:
    """All doors side by side, each with a user of its own, who sends one file after the other."""
    people = {door: newcomer() for door in DOORS}
    table: dict[str, dict[str, str]] = {}
    for number, (fault, rule) in enumerate(FAULTS.items()):
        faults([{"methods": ["PUT"], "times": 1, "target_contains": person.uid, **rule} for person in people.values()])
        ends = ends_of(uploaders, people, f"film {number}.mp4")
        print(f"{fault}: {ends}")
        table[fault] = {door: GOES_ON if end == "ready" else "stops" for door, end in ends.items()}
    table[RELOAD] = after_a_reload(uploaders, people)
    for door, person in people.items():
        assert_stored(person, len([one for one in table.values() if one[door] != "stops"]))
        person.assert_books_right()
    assert_the_page_shows(table)


def ends_of(uploaders: UploaderPage, people: dict[str, Person], name: str) -> dict[str, str]:
    """Have each user upload a file by their door, and return what the page says in the end."""
    for door, person in people.items():
        uploaders.begin(door, person, name, SIZE)
    return {door: uploaders.ended(person) for door, person in people.items()}


def after_a_reload(uploaders: UploaderPage, people: dict[str, Person]) -> dict[str, str]:
    """Reload the page when one part or chunk of each upload has arrived, and upload the file again."""
    opened = {door: {one["upload_id"] for one in open_uploads(person)} for door, person in people.items()}
    for door, person in people.items():
        uploaders.page.evaluate(f"bucket.hold({json.dumps(person.uid)}, 1)")
        uploaders.begin(door, person, "reloaded.mp4", SIZE)

    def arrived(door: str) -> int:
        [upload] = [one for one in open_uploads(people[door]) if one["upload_id"] not in opened[door]] or [None]
        return (upload and people[door].api.get(f"/v1/uploads/{upload['upload_id']}").json()["received_bytes"]) or 0

    eventually(lambda: all(map(arrived, people)), "the first bytes of each", seconds=60)
    before = {door: arrived(door) for door in people}
    uploaders.load()
    ends = ends_of(uploaders, people, "reloaded.mp4")
    assert set(ends.values()) == {"ready"}, ends
    sent = {door: uploaders.bytes_sent(person) for door, person in people.items()}
    return {door: GOES_ON if sent[door] <= SIZE - before[door] else "sends all again" for door in people}


def open_uploads(person: Person) -> list[dict[str, Any]]:
    return list(person.api.get("/v1/uploads").json()["items"])


def assert_stored(person: Person, files: int) -> None:
    """The user has so many files, each as a whole."""

    def listed() -> list[dict[str, Any]]:
        return list(person.api.get("/v1/videos").json()["items"])

    eventually(lambda: len(listed()) == files, "the videos")
    assert {video["size"] for video in listed()} == {SIZE}


def assert_the_page_shows(table: dict[str, dict[str, str]]) -> None:
    lines = [f"| | {' | '.join(DOORS.values())} |", f"|---|{'---|' * len(DOORS)}"]
    lines += [f"| {fault} | {' | '.join(table[fault][door] for door in DOORS)} |" for fault in (*FAULTS, RELOAD)]
    markdown = "\n".join(lines)
    page = (ROOT / "docs" / "upload-doors.md").read_text(encoding="utf-8")
    assert markdown in page, f"docs/upload-doors.md must have this table:\n{markdown}"
