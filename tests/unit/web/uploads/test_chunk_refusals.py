"""What the routes of chunked uploads refuse, and how they say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.chunk_requests import CHUNKS, INIT, begin, complete, send, send_all
from tests.fixtures.memory_services import POLICY, MemoryServices


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"original_file_name": None}, "original_file_name"),
        ({"original_file_name": "a/b.mp3"}, "original_file_name"),
        ({"original_file_name": "n" * 1016 + ".mp3"}, "filename"),  # fits alone, not with the ids before it
        ({"main_service_file_id": None}, "main_service_file_id"),
        ({"main_service_file_id": True}, "main_service_file_id"),
        ({"main_service_file_id": 1.5}, "main_service_file_id"),
        ({"main_service_file_id": -1}, "main_service_file_id"),
        ({"main_service_file_id": ""}, "main_service_file_id"),
        ({"main_service_file_id": " a"}, "main_service_file_id"),
        ({"main_service_file_id": "a\nb"}, "main_service_file_id"),
        ({"main_service_file_id": "x" * 129}, "main_service_file_id"),
        ({"main_service_file_id": [1]}, "main_service_file_id"),
        ({"title": 7}, "title"),
    ],
)
async def test_impossible_beginnings(api: ApiClient, services: MemoryServices, change: dict[str, Any], field: str) -> None:
    body = problem_of(await api.post("/upload/init", json=INIT | change), 400, "invalid_request")
    assert body["field"] == field
    assert await services.account() is None


async def test_what_is_neither_sound_nor_video(api: ApiClient) -> None:
    problem_of(await api.post("/upload/init", json=INIT | {"original_file_name": "notes.txt"}), 415, "unsupported_type")


async def test_roles(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    services.policy = replace(POLICY, upload_roles=frozenset({"admin"}))
    problem_of(await api.post("/upload/init", json=INIT | {"original_file_name": "b.mp3"}), 403, "forbidden")
    problem_of(await send(api, upload_id, 0, b"x"), 403, "forbidden")
    urls = {"upload_session_id": upload_id, "chunks": [{"index": 0, "size": 1}]}
    problem_of(await api.post("/upload/chunk-urls", json=urls), 403, "forbidden")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"upload_session_id": "SESSION"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "-1"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "10000"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "1.0"}, "chunk_index"),
        ({"upload_session_id": "SESSION", "chunk_index": "१"}, "chunk_index"),
        ({"chunk_index": "0"}, "upload_session_id"),
        ({"upload_session_id": "", "chunk_index": "0"}, "upload_session_id"),
    ],
)
async def test_impossible_chunks(api: ApiClient, services: MemoryServices, fields: dict[str, str], field: str) -> None:
    upload_id = await begin(api)
    sent = {name: value.replace("SESSION", upload_id) for name, value in fields.items()}
    answer = await api.post("/upload/chunk", data=sent, files={"chunk": ("blob", b"x")})
    assert problem_of(answer, 400, "invalid_request")["field"] == field
    assert services.media.objects == {}


async def test_chunks_that_are_no_files(api: ApiClient) -> None:
    upload_id = await begin(api)
    fields = {"upload_session_id": upload_id, "chunk_index": "0"}
    for files in ({"chunk": ("blob", b"")}, {"chunk": (None, "text")}, {"other": ("blob", b"x")}):
        answer = await api.post("/upload/chunk", data=fields, files=files)
        assert problem_of(answer, 400, "invalid_request")["field"] == "chunk"
    problem_of(await api.post("/upload/chunk", json=fields), 400, "invalid_request")
    too_large = problem_of(await send(api, upload_id, 0, b"x" * (POLICY.form_upload_max_bytes + 1)), 413, "too_large")
    assert too_large["limit"] == POLICY.form_upload_max_bytes
    assert "chunk-urls" in too_large["hint"]


@pytest.mark.parametrize("foreign", ["nobody-s", "no id at all!", "9b2f8c6e-4d5a-4c0f-8f1e-2d3c4b5a6978"])
async def test_unknown_sessions(api: ApiClient, foreign: str) -> None:
    problem_of(await send(api, foreign, 0, b"x"), 404, "upload_not_found")
    problem_of(await complete(api, foreign), 404, "upload_not_found")
    urls = {"upload_session_id": foreign, "chunks": [{"index": 0, "size": 1}]}
    problem_of(await api.post("/upload/chunk-urls", json=urls), 404, "upload_not_found")
    problem_of(await api.request("DELETE", "/upload/file", json={"upload_session_id": foreign}), 404, "upload_not_found")


async def test_other_people_s_sessions_do_not_exist(api: ApiClient, services: MemoryServices) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    async with ApiClient(services, "bob") as bob:
        problem_of(await send(bob, upload_id, 0, CHUNKS[0]), 404, "upload_not_found")
        problem_of(await complete(bob, upload_id), 404, "upload_not_found")
        problem_of(await bob.request("DELETE", "/upload/file", json={"upload_session_id": upload_id}), 404, "upload_not_found")
        assert (await bob.get("/upload/files")).json()["files"] == []
    assert (await complete(api, upload_id)).status_code == 200


async def test_a_session_for_one_stream_takes_no_chunks(api: ApiClient) -> None:
    granted = (await api.post("/upload", json={"filename": "a.mp4", "size": 5, "content_type": "video/mp4"})).json()
    answer = await send(api, granted["upload_id"], 0, b"x")
    assert problem_of(answer, 400, "invalid_request")["field"] == "upload_session_id"
    problem_of(await complete(api, granted["upload_id"]), 400, "invalid_request")


async def test_a_chunked_session_cannot_be_resumed(api: ApiClient) -> None:
    upload_id = await begin(api)
    assert upload_id in problem_of(await api.post(f"/v1/uploads/{upload_id}/resume"), 409, "upload_is_chunked")["hint"]


async def test_what_is_missing_is_named(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send(api, upload_id, 1, CHUNKS[1])
    body = problem_of(await complete(api, upload_id), 409, "chunks_missing")
    assert body["missing"] == [0, 2]
    many = problem_of(await complete(api, upload_id, total_chunks=10000), 409, "chunks_missing")
    assert len(many["missing"]) == 100
    assert "9999 of 10000" in many["detail"]


async def test_what_is_left_over_is_named(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    assert problem_of(await complete(api, upload_id, total_chunks=2), 409, "chunks_left_over")["left_over"] == [2]
    assert (await complete(api, upload_id)).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total_chunks": None}, "total_chunks"),
        ({"total_chunks": 0}, "total_chunks"),
        ({"total_chunks": 10001}, "total_chunks"),
        ({"total_chunks": True}, "total_chunks"),
        ({"total_chunks": "many"}, "total_chunks"),
        ({"main_service_file_id": 124}, "main_service_file_id"),
        ({"main_service_file_id": None}, "main_service_file_id"),
        ({"upload_session_id": 7}, "upload_session_id"),
        ({"crc32c": "wrong"}, "crc32c"),
    ],
)
async def test_impossible_completions(api: ApiClient, change: dict[str, object], field: str) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    assert problem_of(await complete(api, upload_id, **change), 400, "invalid_request")["field"] == field
    assert (await complete(api, upload_id)).status_code == 200


async def test_another_id_is_refused_after_completion_too(api: ApiClient) -> None:
    upload_id = await begin(api)
    await send_all(api, upload_id)
    await complete(api, upload_id)
    answer = await complete(api, upload_id, main_service_file_id=124)
    assert problem_of(answer, 400, "invalid_request")["field"] == "main_service_file_id"


@pytest.mark.parametrize(
    ("chunks", "field"),
    [
        (None, "chunks"),
        ([], "chunks"),
        ([7], "chunks"),
        ([{"index": n, "size": 1} for n in range(101)], "chunks"),
        ([{"index": 0, "size": 1}, {"index": 0, "size": 1}], "chunks"),
        ([{"size": 1}], "index"),
        ([{"index": 10000, "size": 1}], "index"),
        ([{"index": 0, "size": 0}], "size"),
        ([{"index": 0, "size": 1, "crc32c": "x"}], "crc32c"),
        ([{"index": 0, "size": 1, "md5": "x"}], "md5"),
    ],
)
async def test_impossible_lists_of_chunks(api: ApiClient, chunks: object, field: str) -> None:
    upload_id = await begin(api)
    answer = await api.post("/upload/chunk-urls", json={"upload_session_id": upload_id, "chunks": chunks})
    assert problem_of(answer, 400, "invalid_request")["field"] == field
