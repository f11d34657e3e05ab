"""ETag, If-Match, If-None-Match, If-(Un)Modified-Since, If-Range (RFC 9110, section 13) on both APIs."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx
import pytest

from tests.integration.gcs.conftest import WEB, Bucket

Get = Callable[..., httpx.Response]


@pytest.fixture(params=["xml", "json media", "json"])
def get(request: pytest.FixtureRequest, bucket: Bucket) -> Get:
    """Reads the object "clip" with given headers: its bytes on either API, or its resource."""
    bucket.upload("clip", b"0123456789")

    def read(**headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if request.param == "xml":
            return WEB.get(bucket.emulator.signed("GET", f"/{bucket.name}/clip"), headers=sent)
        params = {"alt": "media"} if request.param == "json media" else {}
        return bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o/clip", params=params, headers=sent)

    return read


def test_entity_tags(get: Get) -> None:
    etag = get().headers["ETag"]
    bare = etag.strip('"')
    for known in (etag, f'"{bare}"', f'W/"{bare}"', "*", f'"other", "{bare}"'):
        unchanged = get(If_None_Match=known)
        assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", etag)
        assert get(If_Match=known).status_code == 200
    assert get(If_None_Match='"other"').status_code == 200
    assert get(If_Match='"other"').status_code == 412


def test_entity_tags_of_the_json_api_are_those_of_the_resource(bucket: Bucket) -> None:
    bucket.upload("clip", b"data")
    http, path = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o/clip"
    for answer in (http.get(path), http.get(f"/storage/v1/b/{bucket.name}"), bucket.upload("clip", b"new")):
        assert answer.headers["ETag"] == answer.json()["etag"]
    before = http.get(path).json()
    assert http.get(path, params={"alt": "media"}).headers["ETag"] == before["etag"]
    changed = http.patch(path, json={"cacheControl": "no-store"}, headers={"If-Match": before["etag"]})
    assert changed.headers["ETag"] == changed.json()["etag"] != before["etag"]
    assert http.get(path, headers={"If-None-Match": before["etag"]}).status_code == 200


def test_writes_by_entity_tag(bucket: Bucket) -> None:
    """Objects and buckets can be changed and deleted so; what makes objects is guarded by generations."""
    etag = bucket.upload("clip", b"data").headers["ETag"]
    http, path = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o/clip"
    for target, known in (
        (path, etag),
        (f"/storage/v1/b/{bucket.name}", http.get(f"/storage/v1/b/{bucket.name}").json()["etag"]),
    ):
        assert http.patch(target, json={}, headers={"If-Match": "other"}).status_code == 412
        assert http.delete(target, headers={"If-Match": "other"}).status_code == 412
        assert http.put(target, json={}, headers={"If-None-Match": known}).status_code == 412
    refused = http.post(
        f"/upload/storage/v1/b/{bucket.name}/o",
        params={"uploadType": "media", "name": "clip"},
        content=b"x",
        headers={"If-None-Match": "*"},
    )
    assert refused.status_code == 501
    assert "If-None-Match" in refused.text
    url = bucket.emulator.signed("PUT", f"/{bucket.name}/clip")
    assert WEB.put(url, content=b"x", headers={"If-None-Match": "*"}).status_code == 501
    assert bucket.bytes_of("clip") == b"data"


def moments(answer: httpx.Response) -> Iterator[str]:
    """A second before Last-Modified, then, and a second after it."""
    modified = parsedate_to_datetime(answer.headers["Last-Modified"])
    for seconds in (-1, 0, 1):
        yield format_datetime(modified + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("get", ["xml", "json media"], indirect=True)
def test_dates(get: Get) -> None:
    earlier, then, later = moments(get())
    assert [get(If_Modified_Since=date).status_code for date in (earlier, then, later)] == [200, 304, 304]
    assert [get(If_Unmodified_Since=date).status_code for date in (earlier, then, later)] == [412, 200, 200]
    assert get(If_Modified_Since="yesterday").status_code == 200


@pytest.mark.parametrize("get", ["xml", "json media"], indirect=True)
def test_an_entity_tag_makes_the_date_beside_it_meaningless(get: Get) -> None:
    earlier, _, later = moments(get())
    etag = get().headers["ETag"]
    assert get(If_None_Match='"other"', If_Modified_Since=later).status_code == 200
    assert get(If_Match=etag, If_Unmodified_Since=earlier).status_code == 200


@pytest.mark.parametrize("get", ["json"], indirect=True)
def test_resources_have_no_last_modified_so_dates_say_nothing(get: Get) -> None:
    assert get(If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT").status_code == 200


@pytest.mark.parametrize("get", ["xml", "json media"], indirect=True)
def test_if_range(get: Get) -> None:
    first = get()
    etag, then = first.headers["ETag"], first.headers["Last-Modified"]
    for same in (etag, then):
        part = get(Range="bytes=2-4", If_Range=same)
        assert (part.status_code, part.content) == (206, b"234")
    earlier, _, later = moments(first)
    for other in ('"other"', f"W/{etag}", earlier, later, "nonsense"):
        whole = get(Range="bytes=2-4", If_Range=other)
        assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert get(Range="bytes=20-", If_Range='"other"').status_code == 200
    assert get(Range="bytes=20-", If_Range=etag).status_code == 416


def test_bucket_preconditions(bucket: Bucket) -> None:
    http, path = bucket.emulator.http, f"/storage/v1/b/{bucket.name}"
    assert http.get(path, params={"ifMetagenerationMatch": 9}).status_code == 412
    assert http.get(path, params={"ifMetagenerationNotMatch": 1}).status_code == 304
    assert http.patch(path, params={"ifMetagenerationNotMatch": 1}, json={}).status_code == 412
    assert http.get(path, headers={"If-None-Match": http.get(path).headers["ETag"]}).status_code == 304
