"""/v1/s3/uploads: multipart uploads as S3's clients in browsers speak them, over divided uploads."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from xml.etree import ElementTree

import httpx
import pytest

from reelgate.domain.errors import Unavailable
from reelgate.domain.files.part_names import PART_TYPE, part_name
from reelgate.web.v1.uploads.s3_routes import MAX_COMPLETION_BYTES
from tests.fixtures.api_client import ApiClient
from tests.fixtures.audit_trail import trail
from tests.fixtures.chunks import crc32c
from tests.fixtures.memory_services import POLICY, MemoryServices

UPLOADS = "/v1/s3/uploads"
WANTED = {"filename": "a.mp4", "size": "25", "part_size": "10"}
PARTS = [b"0123456789", b"abcdefghij", b"vwxyz"]
COMPLETION = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>"
MIB = 1024 * 1024


def xml_of(answer: httpx.Response, status: int = 200) -> ElementTree.Element:
    """Return the root of an answer, without its namespace."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml"), answer.text
    root = ElementTree.fromstring(answer.content)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def text_of(root: ElementTree.Element, name: str) -> str:
    found = root.findtext(name)
    assert found, f"no {name} in {ElementTree.tostring(root)!r}"
    return found


def error_of(answer: httpx.Response, status: int, code: str) -> ElementTree.Element:
    root = xml_of(answer, status)
    assert (root.tag, text_of(root, "Code")) == ("Error", code)
    assert text_of(root, "RequestId") == answer.headers["x-request-id"]
    assert text_of(root, "Message")
    return root


async def create(api: ApiClient, **more: str) -> str:
    root = xml_of(await api.post(UPLOADS, params=WANTED | more))
    assert (root.tag, root.findtext("Key")) == ("InitiateMultipartUploadResult", root.findtext("UploadId"))
    return text_of(root, "UploadId")


def put(services: MemoryServices, upload_id: str, *indexes: int) -> None:
    for index in indexes:
        services.media.write(part_name("ada", upload_id, index), PARTS[index], PART_TYPE)


async def listed(api: ApiClient, upload_id: str) -> list[int]:
    root = xml_of(await api.get(f"{UPLOADS}/{upload_id}"))
    assert (root.tag, root.findtext("IsTruncated")) == ("ListPartsResult", "false")
    assert all(text_of(part, "ETag").strip('"') for part in root.iter("Part"))
    return [int(text_of(part, "PartNumber")) for part in root.iter("Part")]


async def complete(api: ApiClient, upload_id: str, body: str = COMPLETION) -> httpx.Response:
    return await api.post(f"{UPLOADS}/{upload_id}", content=body, headers={"Content-Type": "application/xml"})


async def test_the_life_of_an_upload(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await create(api, title="At the sea")
    assert (await services.account()).reserved == 25  # type: ignore[union-attr]
    assert await listed(api, upload_id) == []
    signed = (await api.post(f"/v1/uploads/{upload_id}/parts", json={"parts": [{"index": 2}]})).json()["parts"][0]
    assert (signed["size"], signed["request"]["method"]) == (5, "PUT")
    put(services, upload_id, 2, 0)
    assert await listed(api, upload_id) == [1, 3]
    put(services, upload_id, 1)
    first = await complete(api, upload_id)
    root = xml_of(first)
    assert (root.tag, root.findtext("Key"), root.findtext("Location")) == (
        "CompleteMultipartUploadResult",
        upload_id,
        f"/v1/videos/{upload_id}",
    )
    assert text_of(root, "ETag").strip('"') == crc32c(b"".join(PARTS))
    video = (await api.get(f"/v1/videos/{upload_id}")).json()
    assert (video["filename"], video["title"], video["size"]) == ("a.mp4", "At the sea", 25)
    again = await complete(api, upload_id)
    assert again.text == first.text
    assert services.media.objects.keys() == {f"ada/{upload_id}/a.mp4"}
    account = await services.account()
    assert account is not None
    assert (account.stored, account.reserved, account.today.uploaded) == (25, 0, 25)


async def test_who_missed_the_answer_finds_nothing_missing(api: ApiClient, services: MemoryServices) -> None:
    """Uppy lists the parts again, sends what is missing, and completes."""
    limits = replace(POLICY.default_limits, storage_bytes=10**9, daily_bytes=10**9)
    services.policy = replace(POLICY, max_file_bytes=100 * MIB, default_limits=limits)
    upload_id = await create(api, filename="b.mp4")
    put(services, upload_id, 0, 1, 2)
    await complete(api, upload_id)
    assert await listed(api, upload_id) == [1]
    large = await services.add_video("large.mp4", 11 * MIB)
    assert await listed(api, large.file_id) == [1, 2, 3]


async def test_a_sealed_upload_has_all_its_parts(
    api: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = await create(api)
    put(services, upload_id, 0, 1, 2)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The bucket cannot be reached.")

    with monkeypatch.context() as patched:
        patched.setattr(services.media, "compose", away)
        error_of(await complete(api, upload_id), 503, "unavailable")
    name = part_name("ada", upload_id, 1)
    kept = services.media.objects.pop(name)
    assert await listed(api, upload_id) == [1, 2, 3]
    services.media.objects[name] = kept
    xml_of(await complete(api, upload_id))


async def test_names_from_everywhere(api: ApiClient, services: MemoryServices) -> None:
    name = "Grüße & <Küsse> 東京 100% a+b?#'\".mp4"
    upload_id = await create(api, filename=name)
    put(services, upload_id, 0, 1, 2)
    xml_of(await complete(api, upload_id))
    assert (await api.get(f"/v1/videos/{upload_id}")).json()["filename"] == name
    root = error_of(await api.post(UPLOADS, params=WANTED | {"filename": name}), 409, "name_taken")
    assert text_of(root, "Message")


async def test_repeating_with_the_same_key_is_the_same_upload(api: ApiClient, services: MemoryServices) -> None:
    key = {"Idempotency-Key": "1f0c2b8e"}
    answers = [xml_of(await api.post(UPLOADS, params=WANTED, headers=key)) for _ in range(2)]
    assert len({text_of(root, "UploadId") for root in answers}) == 1
    body = {"filename": "a.mp4", "size": 25, "start": "parts", "part_size": 10}
    by_json = await api.post("/v1/uploads", json=body, headers=key)
    assert by_json.json()["upload_id"] == text_of(answers[0], "UploadId")
    other = await api.post(UPLOADS, params=WANTED | {"part_size": "5"}, headers=key)
    error_of(other, 409, "idempotency_mismatch")
    assert [action.action for action in trail(services)].count("upload.granted") == 1  # repeated, nothing new is given


async def test_aborting(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await create(api)
    put(services, upload_id, 0)
    for _ in range(2):
        answer = await api.delete(f"{UPLOADS}/{upload_id}")
        assert (answer.status_code, answer.content) == (204, b"")
    error_of(await api.get(f"{UPLOADS}/{upload_id}"), 409, "upload_finished")
    error_of(await complete(api, upload_id), 409, "upload_finished")
    finished = await create(api)
    put(services, finished, 0, 1, 2)
    await complete(api, finished)
    error_of(await api.delete(f"{UPLOADS}/{finished}"), 409, "upload_finished")


async def test_refusals_are_the_api_s_own_in_xml(api: ApiClient, services: MemoryServices) -> None:
    root = error_of(await api.post(UPLOADS, params=WANTED | {"size": "1001"}), 403, "storage_limit_exceeded")
    assert text_of(root, "Message") == "This video is 1,001 bytes; 1,000 bytes are left in your storage."
    assert (root.findtext("Limit"), root.findtext("Requested"), root.findtext("Used")) == ("1000", "1001", "0")
    error_of(await api.post(UPLOADS, params=WANTED | {"size": "1501"}), 413, "too_large")
    error_of(await api.post(UPLOADS, params=WANTED | {"filename": "a.html"}), 415, "unsupported_type")
    error_of(await api.post(UPLOADS, params={"filename": "a.mp4"}), 400, "invalid_request")
    error_of(await api.post(UPLOADS, params=WANTED | {"size": "0"}), 400, "invalid_request")
    error_of(await api.post(UPLOADS, params=WANTED | {"uploads": ""}), 400, "invalid_request")
    error_of(await api.get(f"{UPLOADS}/none"), 404, "upload_not_found")
    error_of(await api.get(f"{UPLOADS}/{'x' * 80}"), 404, "upload_not_found")
    error_of(await api.get("/v1/s3/buckets"), 404, "not_found")
    error_of(await api.put(f"{UPLOADS}/none"), 405, "method_not_allowed")
    upload_id = await create(api)
    root = error_of(await complete(api, upload_id), 409, "chunks_missing")
    assert text_of(root, "Message").startswith("3 of 3 parts")
    session = await services.grant("session.mp4", 10)
    error_of(await api.get(f"{UPLOADS}/{session.upload.upload_id}"), 409, "upload_not_divided")


async def test_errors_before_the_route_are_xml_too(services: MemoryServices) -> None:
    async with ApiClient(services, user=None) as nobody:
        answer = await nobody.post(UPLOADS, params=WANTED)
    error_of(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_what_xml_cannot_contain_is_replaced(api: ApiClient) -> None:
    answer = await api.post(UPLOADS, params=WANTED | {"a\x00\x1b\ufffe<b>": "1"})
    root = error_of(answer, 400, "invalid_request")
    assert "'a\ufffd\ufffd\ufffd<b>'" in text_of(root, "Hint")


@pytest.mark.parametrize(
    "body", ["", "not XML", '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', "<a>" * 10_000], ids=["empty", "text", "entity", "deep"]
)
async def test_the_body_of_a_completion_is_not_read(api: ApiClient, services: MemoryServices, body: str) -> None:
    upload_id = await create(api)
    put(services, upload_id, 0, 1, 2)
    xml_of(await complete(api, upload_id, body))


async def test_a_completion_has_a_largest_size(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await create(api)
    put(services, upload_id, 0, 1, 2)
    error_of(await complete(api, upload_id, "a" * (MAX_COMPLETION_BYTES + 1)), 413, "too_large")
    assert (await api.get(f"/v1/uploads/{upload_id}")).json()["state"] == "open"


async def test_nobody_else_s(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await create(api)
    put(services, upload_id, 0, 1, 2)
    async with ApiClient(services, user="bob") as bob:
        for answer in [
            await bob.get(f"{UPLOADS}/{upload_id}"),
            await complete(bob, upload_id),
            await bob.delete(f"{UPLOADS}/{upload_id}"),
        ]:
            error_of(answer, 404, "upload_not_found")
        assert await create(bob) != upload_id  # the name is taken for its owner only
    xml_of(await complete(api, upload_id))


async def test_many_at_once_complete_one_video(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await create(api)
    put(services, upload_id, 0, 1, 2)
    answers = await asyncio.gather(*(complete(api, upload_id) for _ in range(5)))
    assert len({xml_of(answer).findtext("ETag") for answer in answers}) == 1
    account = await services.account()
    assert account is not None
    assert (account.stored, account.reserved) == (25, 0)


async def test_pages_of_allowed_origins_may_call(api: ApiClient) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = await api.options(UPLOADS, headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert {"Authorization", "Content-Type", "Idempotency-Key"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    refused = await api.get(f"{UPLOADS}/none", headers={"Origin": "https://app.example"})
    assert refused.headers["access-control-allow-origin"] == "https://app.example"
