"""Uploaders side by side, with the same faults between them and the bucket. docs/upload-doors.md shows what each survives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.browser.uploaders.conftest import UploaderPage
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually
from tests.fixtures.openapi_document import ROOT

DOORS = {"reelgate": "`@reelgate/client`", "uppy": "Uppy", "upchunk": "UpChunk", "muxUploader": "`<mux-uploader>`"}
FAULTS: dict[str, dict[str, Any]] = {
    "the bucket answers 503 once": {"error_status": 503, "error_rate": 1},
    "429 once": {"error_status": 429, "error_rate": 1},
    "500 once": {"error_status": 500, "error_rate": 1},
    "the connection breaks once, in the middle of a part": {"drop_upload_after_bytes": 2_000_000},
}
RELOAD = "the page is reloaded, and the same file chosen again"
GOES_ON = "goes on"
SIZE = 11 * MIB
"""Three parts of Uppy's least size, or three chunks of a session."""
FIRST = 4 * MIB
"""What the first chunk has at least."""


def test_what_each_door_survives(
    uploaders: UploaderPage, newcomer: Callable[[], Person], faults: Callable[[list[dict[str, Any]]], None]
) -> None:
    people = {(door, fault): newcomer() for door in DOORS for fault in FAULTS}
    once = {"methods": ["PUT"], "times": 1}
    faults([{**once, "target_contains": person.uid, **FAULTS[fault]} for (_, fault), person in people.items()])
    for (door, _), person in people.items():
        uploaders.begin(door, person, "film.mp4", SIZE)
    table: dict[str, dict[str, str]] = {}
    for (door, fault), person in people.items():
        survived = uploaders.ended(person) == "ready"
        table.setdefault(fault, {})[door] = GOES_ON if survived else "stops"
        if survived:
            assert_stored(person)
        person.assert_books_right()
    table[RELOAD] = {door: after_a_reload(uploaders, door, newcomer()) for door in DOORS}
    assert_the_page_shows(table)


def after_a_reload(uploaders: UploaderPage, door: str, person: Person) -> str:
    """Reload the page when one part or chunk has arrived, and upload the file again."""
    uploaders.page.evaluate(f"bucket.hold({json.dumps(person.uid)}, 1)")
    uploaders.begin(door, person, "film.mp4", SIZE)

    def arrived() -> int:
        [upload] = person.api.get("/v1/uploads").json()["items"] or [None]
        return (upload and person.api.get(f"/v1/uploads/{upload['upload_id']}").json()["received_bytes"]) or 0

    eventually(lambda: arrived() >= FIRST, "the first bytes", seconds=60)
    uploaders.load()
    uploaders.begin(door, person, "film.mp4", SIZE)
    assert uploaders.ended(person) == "ready"
    assert_stored(person)
    person.assert_books_right()
    return GOES_ON if uploaders.bytes_sent(person) <= SIZE - FIRST else "sends all again"


def assert_stored(person: Person) -> None:
    """The user has the whole file, and nothing else."""

    def listed() -> list[dict[str, Any]]:
        return list(person.api.get("/v1/videos").json()["items"])

    eventually(lambda: len(listed()) == 1, "the video")
    [video] = listed()
    assert (video["filename"], video["size"]) == ("film.mp4", SIZE)
    assert person.api.get("/v1/uploads").json()["items"] == []


def assert_the_page_shows(table: dict[str, dict[str, str]]) -> None:
    lines = [f"| | {' | '.join(DOORS.values())} |", f"|---|{'---|' * len(DOORS)}"]
    lines += [f"| {fault} | {' | '.join(table[fault][door] for door in DOORS)} |" for fault in (*FAULTS, RELOAD)]
    markdown = "\n".join(lines)
    page = (ROOT / "docs" / "upload-doors.md").read_text(encoding="utf-8")
    assert markdown in page, f"docs/upload-doors.md must have this table:\n{markdown}"
