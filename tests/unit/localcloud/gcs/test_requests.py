"""Targets, ranges, preconditions, length ranges, CORS rules and faults, as plain functions."""

import pytest
from multidict import CIMultiDict

from localcloud.gcs.errors import NotModifiedError, Refusal, StorageError
from localcloud.gcs.http import cors
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.downloads.ranges import requested_slice
from localcloud.gcs.http.faults import FaultRule, Faults
from localcloud.gcs.http.target import Target
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import Content, StoredObject
from localcloud.gcs.xml_api.content_length_range import LengthRange

LIVE = StoredObject("b", "n", 7, 2, Content("blob", 1, "crc", "md5"), "", "", {})


def test_target_keeps_the_raw_form() -> None:
    target = Target.parse("http://host:80/b//x%2Fy?b=%20&a=1+2&flag")
    assert target.raw_path == "/b//x%2Fy"
    assert target.raw_pairs == [("b", "%20"), ("a", "1+2"), ("flag", "")]
    assert target.query == {"b": " ", "a": "1 2", "flag": ""}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=2-", (2, 8)),
        ("bytes=8-100", (8, 2)),
        ("bytes=-3", (7, 3)),
        ("bytes=-100", (0, 10)),
        ("bytes=0-1,4-5", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("items=0-1", None),
    ],
)
def test_range(header: str | None, expected: tuple[int, int] | None) -> None:
    assert requested_slice(header, 10) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-0", 0), ("bytes=-1", 0)])
def test_range_beyond_the_end(header: str, size: int) -> None:
    with pytest.raises(StorageError) as caught:
        requested_slice(header, size)
    assert caught.value.status == 416
    assert caught.value.headers == {"Content-Range": f"bytes */{size}"}


@pytest.mark.parametrize(
    ("conditions", "live", "allowed"),
    [
        (Preconditions(generation_match=0), None, True),
        (Preconditions(generation_match=0), LIVE, False),
        (Preconditions(generation_match=7), LIVE, True),
        (Preconditions(generation_match=7), None, False),
        (Preconditions(generation_not_match=0), None, False),
        (Preconditions(generation_not_match=0), LIVE, True),
        (Preconditions(generation_not_match=7), LIVE, False),
        (Preconditions(metageneration_match=2), LIVE, True),
        (Preconditions(metageneration_match=1), LIVE, False),
        (Preconditions(metageneration_match=1), None, False),
        (Preconditions(metageneration_not_match=2), LIVE, False),
        (Preconditions(metageneration_not_match=2), None, True),
    ],
)
def test_write_preconditions(conditions: Preconditions, live: StoredObject | None, allowed: bool) -> None:
    if allowed:
        conditions.check_write(live)
    else:
        with pytest.raises(StorageError) as caught:
            conditions.check_write(live)
        assert caught.value.refusal is Refusal.PRECONDITION_FAILED


def test_read_preconditions() -> None:
    Preconditions(generation_match=7, metageneration_not_match=1).check_read(LIVE)
    with pytest.raises(NotModifiedError):
        Preconditions(generation_not_match=7).check_read(LIVE)
    with pytest.raises(StorageError):
        Preconditions(generation_match=8).check_read(LIVE)
    with pytest.raises(StorageError, match="ifGenerationMatch"):
        Preconditions.from_query({"ifGenerationMatch": "many"})


def test_length_range() -> None:
    allowed = LengthRange.from_headers({"x-goog-content-length-range": "2, 4"})
    assert [size for size in range(7) if allowed.admits(size)] == [2, 3, 4]
    for size, refusal in ((1, Refusal.ENTITY_TOO_SMALL), (5, Refusal.ENTITY_TOO_LARGE)):
        with pytest.raises(StorageError) as caught:
            allowed.check(size)
        assert caught.value.refusal is refusal
    for text in ("4,2", "4", "a,b", "-1,5"):
        with pytest.raises(StorageError):
            LengthRange.from_headers({"x-goog-content-length-range": text})


ENTRIES = [
    {"origin": ["https://a.example"], "method": ["GET"], "responseHeader": ["Content-Type"], "maxAgeSeconds": 60},
    {"origin": ["https://a.example", "https://b.example"], "method": ["PUT"], "responseHeader": ["x-goog-meta-id"]},
]


@pytest.mark.parametrize(
    ("origin", "method", "requested", "max_age"),
    [
        ("https://a.example", "GET", "content-type", "60"),
        ("https://a.example", "PUT", "X-Goog-Meta-Id", "3600"),
        ("https://b.example", "PUT", "", "3600"),
        ("https://b.example", "GET", "", None),
        ("https://a.example:8443", "GET", "", None),
        ("https://a.example", "PUT", "content-type, x-goog-meta-id", None),
        ("https://a.example", "DELETE", "", None),
    ],
)
def test_preflight_needs_one_entry_that_matches_everything(
    origin: str, method: str, requested: str, max_age: str | None
) -> None:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": requested,
    }
    assert cors.bucket_preflight(ENTRIES, headers).get("Access-Control-Max-Age") == max_age


def call_to(method: str, target: str) -> Call:
    return Call(method, Target.parse(target), CIMultiDict())


async def test_fault_strikes_the_requests_it_names_as_often_as_it_says() -> None:
    faults = Faults()
    rule = {"methods": ["PUT"], "target_contains": "upload_id=", "error_status": 503, "times": 2}
    faults.replace([FaultRule.from_document(rule)])
    await faults.inject(call_to("GET", "/b/o?upload_id=1"))
    await faults.inject(call_to("PUT", "/b/o"))
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            await faults.inject(call_to("PUT", "/b/o?upload_id=1"))
        assert caught.value.status == 503
    await faults.inject(call_to("PUT", "/b/o?upload_id=1"))


async def test_error_rate_repeats_with_the_seed() -> None:
    async def outcomes() -> list[bool]:
        faults = Faults()
        faults.replace([FaultRule(error_status=500, error_rate=0.5)], seed=7)
        found = []
        for _ in range(40):
            try:
                await faults.inject(call_to("GET", "/"))
                found.append(True)
            except StorageError:
                found.append(False)
        return found

    first = await outcomes()
    assert first == await outcomes()
    assert 5 < sum(first) < 35


@pytest.mark.parametrize("rule", [{"colour": 1}, {"error_rate": 2}, {"error_status": 200}])
def test_impossible_fault_rules(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"fault|error_"):
        FaultRule.from_document(rule)
