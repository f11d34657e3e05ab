"""Captions over HTTP: put, listed, read and removed; what is refused, and in which words."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from reelgate.domain.videos.captions.changes import MAX_LANGUAGES
from reelgate.use_cases.upkeep.check_books import check_books
from reelgate.web.http import bodies
from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.audit_trail import forget, only, trail
from tests.fixtures.memory_services import BOB, MemoryServices

TEXT = "WEBVTT\n\n00:01.000 --> 00:02.000\nGrüße\n"
SIZE = len(TEXT.encode())
OTHER = "WEBVTT\n\n00:01.000 --> 00:02.000\nGrüße und Küsse\n"
PATH = "/v1/videos/id-1/captions/{}"


@pytest.fixture(autouse=True)
async def video(services: MemoryServices) -> None:
    """A video of 100 bytes; the storage limit is 1000 bytes."""
    await services.add_video("a.mp4", 100)
    forget(services)


async def put(
    api: ApiClient, language: str = "de", content: Any = TEXT, *, headers: dict[str, str] | None = None, **query: Any
) -> httpx.Response:
    return await api.put(
        PATH.format(language), content=content, params=query, headers={"Content-Type": "text/vtt"} | (headers or {})
    )


async def listed(api: ApiClient) -> list[tuple[str, str, int, bool]]:
    captions = (await api.get("/v1/videos/id-1")).json()["captions"]
    return [(one["language"], one["label"], one["size"], one["default"]) for one in captions]


async def test_captions_are_put_listed_read_and_removed(api: ApiClient, services: MemoryServices) -> None:
    answer = await put(api, "PT-br", label=" Português ", default="true")
    assert answer.status_code == 200
    assert answer.json() == {
        "language": "pt-BR",
        "label": "Português",
        "size": SIZE,
        "default": True,
        "updated_at": "2026-11-03T12:00:00.123456Z",
    }
    for path in ("/v1/videos/id-1", "/v1/videos"):
        shown = (await api.get(path)).json()
        assert shown.get("items", [shown])[0]["captions"] == [answer.json()]
    assert (await api.get("/v1/me/export")).json()["videos"][0]["captions"] == [answer.json()]
    got = await api.get(PATH.format("pt-br"))
    assert (got.status_code, got.text) == (200, TEXT)
    assert got.headers["content-type"] == "text/vtt; charset=utf-8"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert (await services.existing_account()).stored == 100 + SIZE
    for _ in range(2):
        assert (await api.delete(PATH.format("pt-BR"))).status_code == 204
    problem_of(await api.get(PATH.format("pt-BR")), 404, "captions_not_found")
    assert await listed(api) == []
    assert (await services.existing_account()).stored == 100
    assert await check_books(services, "ada") == []


async def test_a_text_takes_the_place_of_another_and_an_equal_one_changes_nothing(
    api: ApiClient, services: MemoryServices
) -> None:
    await put(api)
    services.clock.advance(minutes=1)
    for content, stored, kinds in ((TEXT, SIZE, 1), (OTHER, len(OTHER.encode()), 2), (TEXT, SIZE, 3)):
        answer = await put(api, content=content)
        assert (answer.json()["size"], (await services.kinds()).count("captions")) == (stored, kinds)
        assert (await services.existing_account()).stored == 100 + stored
        assert (await api.get(PATH.format("de"))).text == content
    assert await listed(api) == [("de", "de", SIZE, False)]
    assert await check_books(services, "ada") == []


async def test_label_and_default_change_without_an_entry(api: ApiClient, services: MemoryServices) -> None:
    await put(api, "en", default="true")
    await put(api, "de", label="Deutsch")
    entries = await services.entries()
    services.clock.advance(minutes=1)
    assert (await put(api, "de", label="German", default="true")).json()["updated_at"] == "2026-11-03T12:01:00.123456Z"
    assert await listed(api) == [("de", "German", SIZE, True), ("en", "en", SIZE, False)]
    assert await services.entries() == entries
    assert (await api.get(PATH.format("de"))).text == TEXT


async def test_the_audit_log_has_what_changed_and_no_text(api: ApiClient, services: MemoryServices) -> None:
    await put(api, label="Deutsch")
    action = only(services)
    about = {"file_id": "id-1", "filename": "a.mp4", "language": "de"}
    assert (action.action, action.data) == ("captions.put", about | {"label": "Deutsch", "default": False, "size": SIZE})
    await put(api, label="Deutsch")
    assert trail(services) == []
    await api.delete(PATH.format("de"))
    action = only(services)
    assert (action.action, action.data) == ("captions.deleted", about)
    await api.delete(PATH.format("de"))
    assert trail(services) == []


async def test_captions_go_with_their_video(api: ApiClient, services: MemoryServices) -> None:
    await put(api)
    await api.delete("/v1/videos/id-1")
    account = await services.existing_account()
    assert (account.stored, account.trash) == (0, 100 + SIZE)
    assert (await api.get("/v1/trash")).json()["items"][0]["captions"][0]["language"] == "de"
    for method in ("GET", "DELETE"):
        problem_of(await api.request(method, PATH.format("de")), 404, "video_not_found")
    problem_of(await put(api), 404, "video_not_found")
    assert await check_books(services, "ada") == []
    await api.post("/v1/videos/id-1/restore")
    assert (await api.get(PATH.format("de"))).text == TEXT
    assert (await services.existing_account()).stored == 100 + SIZE
    await api.delete("/v1/videos/id-1")
    await api.delete("/v1/trash/id-1")
    account = await services.existing_account()
    assert (account.stored, account.trash) == (0, 0)
    assert not [one for one in services.books_store.database.documents if one.collection[-1] == "captions"]
    assert await check_books(services, "ada") == []


async def test_captions_of_another_user_do_not_exist(api: ApiClient, services: MemoryServices) -> None:
    await put(api)
    async with ApiClient(services, BOB.uid) as bob:
        for method in ("GET", "DELETE"):
            problem_of(await bob.request(method, PATH.format("de")), 404, "video_not_found")
        problem_of(await put(bob), 404, "video_not_found")
    assert await listed(api) == [("de", "de", SIZE, False)]


async def test_what_is_no_webvtt_is_refused_with_the_line_and_the_reason(api: ApiClient, services: MemoryServices) -> None:
    broken = problem_of(await put(api, content=TEXT + "\n00:05.000 --> 00:04.000\nx\n"), 400, "invalid_captions")
    assert broken["line"] == 6
    assert broken["detail"] == "Line 6: the cue ends (00:04.000) before it begins (00:05.000), or at once."
    problem_of(await put(api, content=b""), 400, "invalid_captions")
    problem_of(await put(api, content=gzip.compress(TEXT.encode())), 400, "invalid_captions")
    assert await listed(api) == []
    assert (await services.existing_account()).stored == 100


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Content-Type": "text/vtt; charset=iso-8859-1"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity, br"},
    ],
    ids=str,
)
async def test_other_types_and_encodings_are_refused_unread(api: ApiClient, headers: dict[str, str]) -> None:
    problem_of(await put(api, content=gzip.compress(b"\0" * 10_000_000), headers=headers), 415, "unsupported_type")


@pytest.mark.parametrize("headers", [{"Content-Type": 'TEXT/VTT; Charset="UTF-8"'}, {"Content-Encoding": "identity"}], ids=str)
async def test_the_same_said_otherwise_is_accepted(api: ApiClient, headers: dict[str, str]) -> None:
    assert (await put(api, headers=headers)).status_code == 200


async def test_a_text_has_at_most_a_mebibyte_whatever_is_announced(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(
        services.policy, default_limits=replace(services.policy.default_limits, storage_bytes=10 * 1024 * 1024)
    )
    comment = "NOTE " + "x" * 900 + "\n\n"
    text = (TEXT.replace("ü", "u").replace("ß", "ss") + "\n" + comment * 2000)[: 1024 * 1024 - 1].rstrip() + "\n"

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"WEBVTT\n" + b"x" * 500_000

    assert (await put(api, content=text)).status_code == 200
    too_large = problem_of(await put(api, content="x" * (1024 * 1024 + 1)), 413, "too_large")
    assert (too_large["limit"], too_large["requested"]) == (1024 * 1024, 1024 * 1024 + 1)
    problem_of(await put(api, content=unannounced()), 413, "too_large")
    assert (await api.get(PATH.format("de"))).text == text


async def test_what_does_not_fit_into_the_storage_is_refused_with_the_numbers(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(services.policy, default_limits=replace(services.policy.default_limits, storage_bytes=100 + SIZE))
    assert (await put(api)).status_code == 200
    full = problem_of(await put(api, content=OTHER), 403, "storage_limit_exceeded")
    assert (full["limit"], full["used"], full["requested"]) == (100 + SIZE, 100 + SIZE, len(OTHER) - len(TEXT) + 1)
    assert full["detail"] == "These captions need 11 bytes more; your storage is full."
    problem_of(await put(api, "en"), 403, "storage_limit_exceeded")
    shorter = TEXT.replace("Grüße", "Hi")
    assert (await put(api, content=shorter)).status_code == 200  # needs less
    assert (await services.existing_account()).stored == 100 + len(shorter)
    assert await check_books(services, "ada") == []


async def test_restoring_needs_room_for_the_captions_too(api: ApiClient, services: MemoryServices) -> None:
    await put(api)
    await api.delete("/v1/videos/id-1")
    services.policy = replace(services.policy, default_limits=replace(services.policy.default_limits, storage_bytes=100))
    full = problem_of(await api.post("/v1/videos/id-1/restore"), 403, "storage_limit_exceeded")
    assert full["requested"] == 100 + SIZE


@pytest.mark.parametrize("language", ["english", "en_US", "e", "a-b-c", "%C3%BC", ".vtt"])
async def test_what_is_no_language_is_refused_and_has_no_captions(api: ApiClient, language: str) -> None:
    refused = problem_of(await put(api, language), 400, "invalid_request")
    assert wrong_fields(refused) == ["language"]
    for method in ("GET", "DELETE"):
        problem_of(await api.request(method, PATH.format(language)), 404, "captions_not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 61}, "label"),
        ({"label": 'a "b"'}, "label"),
        ({"label": "a\nb"}, "label"),
        ({"default": "maybe"}, "default"),
        ({"lang": "de"}, "lang"),
    ],
    ids=str,
)
async def test_wrong_parameters_are_named(api: ApiClient, query: dict[str, str], field: str) -> None:
    assert wrong_fields(problem_of(await put(api, **query), 400, "invalid_request")) == [field]


async def test_a_label_names_one_language(api: ApiClient) -> None:
    await put(api, "en", label="English")
    problem_of(await put(api, "en-GB", label="English"), 409, "label_taken")
    assert (await put(api, "en", OTHER, label="English")).status_code == 200


async def test_a_video_has_captions_in_so_many_languages(api: ApiClient, services: MemoryServices) -> None:
    services.policy = replace(services.policy, default_limits=replace(services.policy.default_limits, storage_bytes=10_000))
    tags = [f"{first}{second}" for first in "abcdef" for second in "abcdef"][: MAX_LANGUAGES + 1]
    for tag in tags[:-1]:
        assert (await put(api, tag)).status_code == 200
    full = problem_of(await put(api, tags[-1]), 409, "too_many_captions")
    assert full["limit"] == MAX_LANGUAGES
    assert (await put(api, tags[0], OTHER)).status_code == 200
    await api.delete(PATH.format(tags[0]))
    assert (await put(api, tags[-1])).status_code == 200
    await api.delete("/v1/videos/id-1")
    await api.delete("/v1/trash")
    assert not [one for one in services.books_store.database.documents if one.collection[-1] == "captions"]


async def test_a_disabled_account_may_read_and_remove(api: ApiClient, services: MemoryServices) -> None:
    await put(api)
    async with ApiClient(services, "root") as admin:
        await admin.patch("/v1/admin/users/ada", json={"disabled": True})
    problem_of(await put(api, content=OTHER), 403, "account_disabled")
    assert (await api.get(PATH.format("de"))).status_code == 200
    assert (await api.delete(PATH.format("de"))).status_code == 204


async def test_two_texts_at_once_leave_one_and_its_size(api: ApiClient, services: MemoryServices) -> None:
    texts = [TEXT.replace("Grüße", "x" * n) for n in range(1, 9)]
    answers = await asyncio.gather(*(put(api, content=text) for text in texts))
    assert {answer.status_code for answer in answers} == {200}
    [(_, _, size, _)] = await listed(api)
    assert len((await api.get(PATH.format("de"))).content) == size == (await services.existing_account()).stored - 100
    assert await check_books(services, "ada") == []


async def test_texts_and_a_deletion_at_once(api: ApiClient, services: MemoryServices) -> None:
    puts = [put(api, f"{letter}{letter}") for letter in "abcd"]
    *answers, deleted = await asyncio.gather(*puts, api.delete("/v1/videos/id-1"))
    assert deleted.status_code == 204
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert await check_books(services, "ada") == []


async def test_who_sends_too_slowly_loses_the_turn(
    api: ApiClient, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.2)

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(1000):
            await asyncio.sleep(0.02)
            yield b"x"

    problem_of(await put(api, content=drip()), 408, "request_too_slow")
    assert (await put(api)).status_code == 200


async def test_answers_of_the_older_services_do_not_tell_of_captions(api: ApiClient) -> None:
    before = [(await api.get(path)).json() for path in ("/files", "/files/a.mp4")]
    await put(api)
    after = [(await api.get(path)).json() for path in ("/files", "/files/a.mp4")]
    assert after == before


async def test_a_page_of_another_origin_may_put(api: ApiClient) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    answer = await api.options(PATH.format("de"), headers=asked)
    assert "PUT" in answer.headers["access-control-allow-methods"].split(", ")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
