"""Multipart uploads in the shape of S3, over HTTP and with the bucket: races, limits, and the books afterwards."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.e2e.chunks import cut, objects_below
from tests.e2e.people import MIB, Person

UPLOADS = "/v1/s3/uploads"
DATA = os.urandom(2_500_000)
PART = 1_000_000


def create(person: Person, filename: str, size: int = len(DATA), **headers: str) -> httpx.Response:
    query = {"filename": filename, "size": size, "part_size": PART}
    return person.api.post(UPLOADS, params=query, headers=headers)


def member(answer: httpx.Response, name: str) -> str:
    """Return an element of an answer, as Uppy reads it."""
    assert answer.headers["content-type"] == "application/xml"
    found = re.search(f"<{name}>(.*?)</{name}>", answer.text)
    assert found, answer.text
    return found[1]


def part_numbers(person: Person, upload_id: str) -> list[int]:
    answer = person.api.get(f"{UPLOADS}/{upload_id}")
    assert answer.status_code == 200, answer.text
    return [int(number) for number in re.findall("<PartNumber>([0-9]+)</PartNumber><ETag>", answer.text)]


def put(person: Person, upload_id: str, index: int) -> int:
    """Send a part straight to the bucket. Returns the bucket's status."""
    wanted = person.api.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": index}]}).raise_for_status()
    signed = wanted.json()["parts"][0]["request"]
    sent = person.storage.put(signed["url"], headers=signed["headers"], content=cut(DATA, PART)[index])
    assert sent.is_error or sent.headers["etag"]
    return sent.status_code


def test_parts_in_any_order_and_completions_in_a_race(cloud: Mapping[str, str], person: Person) -> None:
    upload_id = member(create(person, "Grüße & <b>.mp4"), "UploadId")
    assert person.storage_status()["reserved_storage"] == len(DATA)
    early = person.api.post(f"{UPLOADS}/{upload_id}", content="<CompleteMultipartUpload></CompleteMultipartUpload>")
    assert (early.status_code, member(early, "Code")) == (409, "chunks_missing")
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda index: put(person, upload_id, index), [2, 0, 2, 0]))
    assert sorted(statuses) == [200, 200, 412, 412]  # a part is taken once
    assert part_numbers(person, upload_id) == [1, 3]
    assert put(person, upload_id, 1) == 200
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: person.api.post(f"{UPLOADS}/{upload_id}", content=b"<a/>"), range(4)))
    assert {(answer.status_code, member(answer, "Key")) for answer in answers} == {(200, upload_id)}
    assert part_numbers(person, upload_id) == [1]  # at least as many as Uppy's parts would be
    url = person.api.get(f"/v1/videos/{upload_id}/url").json()["url"]
    assert person.storage.get(url).content == DATA
    assert objects_below(cloud, f"__parts__/{person.uid}") == []
    person.assert_books_right()


def test_one_key_in_a_race_is_one_upload(person: Person) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: create(person, "a.mp4", **{"Idempotency-Key": "one"}), range(6)))
    assert len({member(answer, "UploadId") for answer in answers}) == 1
    others = [create(person, "a.mp4"), create(person, "a.mp4", size=5, **{"Idempotency-Key": "one"})]
    assert [member(answer, "Code") for answer in others] == ["name_taken", "idempotency_mismatch"]
    assert person.storage_status()["reserved_storage"] == len(DATA)
    person.assert_books_right()


def test_no_race_passes_the_limit(person: Person) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: create(person, f"{number}.mp4", size=20 * MIB), range(6)))
    granted = [answer for answer in answers if answer.status_code == 200]
    assert len(granted) == 2
    refused = next(answer for answer in answers if answer.is_error)
    assert (refused.status_code, member(refused, "Code")) == (403, "storage_limit_exceeded")
    assert "left in your storage" in member(refused, "Message")
    assert (member(refused, "Limit"), member(refused, "Requested")) == (str(50 * MIB), str(20 * MIB))
    aborted = member(granted[0], "UploadId")
    assert [person.api.delete(f"{UPLOADS}/{aborted}").status_code for _ in range(2)] == [204, 204]
    gone = person.api.get(f"{UPLOADS}/{aborted}")
    assert (gone.status_code, member(gone, "Code")) == (409, "upload_finished")
    assert create(person, "again.mp4", size=20 * MIB).status_code == 200
    person.assert_books_right()


def test_what_was_sent_to_an_aborted_upload_is_charged(cloud: Mapping[str, str], person: Person) -> None:
    upload_id = member(create(person, "a.mp4"), "UploadId")
    assert put(person, upload_id, 0) == 200
    assert person.api.delete(f"{UPLOADS}/{upload_id}").status_code == 204
    assert objects_below(cloud, f"__parts__/{person.uid}") == []
    assert sum(entry["rejected"] for entry in person.ledger()) == PART
    person.assert_books_right()
