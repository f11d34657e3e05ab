"""Playback grants over HTTP: made and shown once, listed with their states, ended one by one and all at once, never logged."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Write
from reelgate.domain.playback import grant_terms
from reelgate.domain.playback.grants import TOKENS
from reelgate.use_cases.playback import create_grant as creating
from reelgate.web.http.logs.json_lines import JsonLines
from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.audit_trail import trail
from tests.fixtures.memory_services import MemoryServices


async def made(api: ApiClient, video_id: str, *, key: str | None = None, **terms: Any) -> dict[str, Any]:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await api.post(f"/v1/videos/{video_id}/grants", json=terms, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    grant: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/grants/{grant['grant_id']}"
    return grant


async def states(api: ApiClient, video_id: str) -> list[str]:
    return [one["state"] for one in (await api.get(f"/v1/videos/{video_id}/grants")).json()["items"]]


async def test_a_token_is_shown_once(services: MemoryServices, api: ApiClient) -> None:
    services.api_url = "https://api.example"
    video = await services.add_video()
    grant = await made(api, video.file_id, label="for Bob", origins=["https://A.example:443"], max_plays=3, max_bytes=1000)
    token = grant["token"]
    assert TOKENS.parse(token) is not None
    assert (grant["watch_url"], grant["play_url"]) == (
        f"https://api.example/watch/{token}",
        f"https://api.example/v1/play/{token}",
    )
    shown = {name: value for name, value in grant.items() if name not in {"token", "watch_url", "play_url"}}
    assert (shown["state"], shown["label"], shown["origins"]) == ("active", "for Bob", ["https://a.example"])
    assert (shown["plays"], shown["charged_bytes"], shown["max_plays"], shown["max_bytes"]) == (0, 0, 3, 1000)
    assert (await api.get(f"/v1/grants/{grant['grant_id']}")).json() == shown
    assert (await api.get(f"/v1/videos/{video.file_id}/grants")).json() == {"items": [shown], "next_cursor": None}


async def test_without_the_url_of_the_api_links_are_paths(services: MemoryServices, api: ApiClient) -> None:
    grant = await made(api, (await services.add_video()).file_id)
    assert grant["watch_url"] == f"/watch/{grant['token']}"


async def test_a_repeated_request_gets_the_same_grant_and_token(services: MemoryServices, api: ApiClient) -> None:
    video = await services.add_video()
    first = await made(api, video.file_id, key="k-1", seconds=600)
    services.clock.advance(minutes=1)
    assert await made(api, video.file_id, key="k-1", seconds=600) == first
    assert len(await states(api, video.file_id)) == 1
    path, again = f"/v1/videos/{video.file_id}/grants", {"Idempotency-Key": "k-1"}
    problem_of(await api.post(path, json={"seconds": 601}, headers=again), 409, "idempotency_mismatch")
    other = await made(api, video.file_id, key="k-2", seconds=600)
    assert (other["grant_id"] == first["grant_id"], other["token"] == first["token"]) == (False, False)
    assert (await made(api, video.file_id))["grant_id"] != (await made(api, video.file_id))["grant_id"]
    assert len([one for one in trail(services) if one.action == "grant.created"]) == 4
    await api.delete(f"/v1/grants/{first['grant_id']}")
    assert (await made(api, video.file_id, key="k-1", seconds=600))["state"] == "revoked"
    await api.delete(f"/v1/videos/{video.file_id}")
    assert (await made(api, video.file_id, key="k-1", seconds=600))["token"] == first["token"]


async def test_the_same_key_of_two_users_makes_two_grants(services: MemoryServices, api: ApiClient, bob: ApiClient) -> None:
    mine = await made(api, (await services.add_video()).file_id, key="k")
    started = await bob.post("/v1/uploads", json={"filename": "b.mp4", "size": 5})
    services.media.write(f"bob/{started.json()['upload_id']}/b.mp4", b"video", "video/mp4")
    assert (await bob.post(f"/v1/uploads/{started.json()['upload_id']}/complete")).status_code == 200
    theirs = await made(bob, started.json()["upload_id"], key="k")
    assert theirs["grant_id"] != mine["grant_id"]
    for method in ("GET", "DELETE"):
        problem_of(await bob.request(method, f"/v1/grants/{mine['grant_id']}"), 404, "grant_not_found")
        problem_of(await bob.request(method, f"/v1/videos/{mine['video_id']}/grants"), 404, "video_not_found")
    problem_of(await bob.post(f"/v1/videos/{mine['video_id']}/grants", json={}), 404, "video_not_found")


async def test_revoking_one_and_all(services: MemoryServices, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    video = await services.add_video()
    grants = [await made(api, video.file_id) for _ in range(3)]
    for _ in range(2):
        assert (await api.delete(f"/v1/grants/{grants[1]['grant_id']}")).status_code == 204
    assert sorted(await states(api, video.file_id)) == ["active", "active", "revoked"]
    assert (await api.get(f"/v1/grants/{grants[1]['grant_id']}")).json()["revoked_at"] is not None
    writes, commit = list[str](), services.books_store.commit

    async def noting(wanted: Sequence[Write]) -> Sequence[Any]:
        writes.extend(one.address.collection[-1] for one in wanted)
        return await commit(wanted)

    monkeypatch.setattr(services.books_store, "commit", noting)
    assert (await api.delete(f"/v1/videos/{video.file_id}/grants")).status_code == 204
    assert sorted(writes) == ["audit", "users", "videos"]  # however many grants there are
    assert await states(api, video.file_id) == ["revoked"] * 3
    services.clock.advance(seconds=1)
    await made(api, video.file_id)
    assert await states(api, video.file_id) == ["active", *["revoked"] * 3]
    problem_of(await api.delete("/v1/grants/no-such-grant"), 404, "grant_not_found")
    problem_of(await api.get("/v1/grants/AAAAAAAAAAAAAAAA"), 404, "grant_not_found")
    told = [one for one in trail(services) if "revoked" in one.action]
    assert [one.action for one in told] == ["grant.revoked", "grant.all_revoked"]
    assert (told[0].data["grant_id"], told[1].data["file_id"]) == (grants[1]["grant_id"], video.file_id)


async def test_the_list_says_why_a_grant_is_over(services: MemoryServices, api: ApiClient, admin: ApiClient) -> None:
    video = await services.add_video()
    await made(api, video.file_id, seconds=60)
    services.clock.advance(seconds=60)
    last = await made(api, video.file_id)
    assert await states(api, video.file_id) == ["active", "expired"]
    (await admin.patch("/v1/admin/users/ada", json={"disabled": True})).raise_for_status()
    assert await states(api, video.file_id) == ["account_disabled"] * 2
    problem_of(await api.post(f"/v1/videos/{video.file_id}/grants", json={}), 403, "account_disabled")
    (await admin.patch("/v1/admin/users/ada", json={"disabled": False})).raise_for_status()
    assert await states(api, video.file_id) == ["account_disabled"] * 2
    services.clock.advance(seconds=1)
    await made(api, video.file_id)
    await api.delete(f"/v1/videos/{video.file_id}")
    assert await states(api, video.file_id) == ["video_deleted", "account_disabled", "account_disabled"]
    problem_of(await api.post(f"/v1/videos/{video.file_id}/grants", json={}), 404, "video_not_found")
    problem_of(await api.delete(f"/v1/videos/{video.file_id}/grants"), 404, "video_not_found")
    (await api.post(f"/v1/videos/{video.file_id}/restore")).raise_for_status()
    assert await states(api, video.file_id) == ["revoked", "account_disabled", "account_disabled"]
    await api.delete(f"/v1/videos/{video.file_id}")
    await api.delete(f"/v1/trash/{video.file_id}")
    problem_of(await api.get(f"/v1/videos/{video.file_id}/grants"), 404, "video_not_found")
    assert (await api.get(f"/v1/grants/{last['grant_id']}")).json()["state"] == "account_disabled"


async def test_pages_of_the_list(services: MemoryServices, api: ApiClient) -> None:
    video = await services.add_video()
    ids = []
    for _ in range(5):
        ids.append((await made(api, video.file_id))["grant_id"])
        services.clock.advance(seconds=1)
    listed, cursor = list[str](), ""
    while True:
        page = (await api.get(f"/v1/videos/{video.file_id}/grants?limit=2{cursor}")).json()
        listed += [one["grant_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert listed == ids[::-1]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"seconds": 59}, ["seconds"]),
        ({"seconds": "60"}, ["seconds"]),
        ({"seconds": 60, "expires_at": "2026-11-04T00:00:00Z"}, ["expires_at", "seconds"]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ["expires_at"]),
        ({"expires_at": "2026-11-04T00:00:00"}, ["expires_at"]),
        ({"label": "", "origins": ["x", "https://a.example/"], "max_bytes": 0, "max_plays": 0, "seconds": 1},
         ["label", "max_bytes", "max_plays", "origins[0]", "origins[1]", "seconds"]),
        ({"origins": ["https://a.example", 7]}, ["origins[1]"]),
        ({"origins": "https://a.example"}, ["origins"]),
        ({"max_plays": 1.5, "lable": "x"}, ["lable", "max_plays"]),
    ],
)  # fmt: skip
async def test_what_is_no_grant(services: MemoryServices, api: ApiClient, wrong: dict[str, Any], fields: list[str]) -> None:
    video = await services.add_video()
    body = problem_of(await api.post(f"/v1/videos/{video.file_id}/grants", json=wrong), 400, "invalid_request")
    assert sorted(wrong_fields(body)) == fields
    assert await states(api, video.file_id) == []


async def test_the_number_of_grants_is_bounded(
    services: MemoryServices, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creating, "MAX_GRANTS_OF_VIDEO", 3)
    monkeypatch.setattr(creating, "MAX_GRANTS_OF_USER", 5)
    first, second = await services.add_video("a.mp4"), await services.add_video("b.mp4")
    path = f"/v1/videos/{first.file_id}/grants"
    grants = [await made(api, first.file_id, seconds=60) for _ in range(3)]
    body = problem_of(await api.post(path, json={}), 409, "too_many_grants")
    assert "This video has 3 links" in body["detail"]
    await api.delete(f"/v1/grants/{grants[0]['grant_id']}")
    await made(api, first.file_id)
    problem_of(await api.post(path, json={}), 409, "too_many_grants")
    services.clock.advance(minutes=1)  # two have expired
    await made(api, first.file_id)
    assert (await api.delete(path)).status_code == 204
    await made(api, first.file_id)  # what ended together does not count for the video, and for the user until it expires
    for _ in range(2):
        await made(api, second.file_id)
    body = problem_of(await api.post(f"/v1/videos/{second.file_id}/grants", json={}), 409, "too_many_grants")
    assert "You have 5 links" in body["detail"]
    assert grant_terms.MAX_GRANTS_OF_VIDEO <= grant_terms.MAX_GRANTS_OF_USER


async def test_many_at_once_do_not_pass_the_bound(
    services: MemoryServices, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creating, "MAX_GRANTS_OF_VIDEO", 7)
    video = await services.add_video()
    answers = await asyncio.gather(*(api.post(f"/v1/videos/{video.file_id}/grants", json={}) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 7 + [409] * 5
    assert len(await states(api, video.file_id)) == 7


async def test_no_token_is_written_down(services: MemoryServices, api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    """In no log, audit event, message or document, whether it is right or wrong."""
    video = await services.add_video()
    with caplog.at_level(logging.DEBUG):
        token = (await made(api, video.file_id, key="k-1"))["token"]
        await made(api, video.file_id, key="k-1")
        secret = token.split("_")[2]
        wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
        for text in (token, wrong):
            for path in (f"/v1/play/{text}", f"/v1/grants/{text}", f"/v1/videos/{text}/grants", f"/watch/{text}"):
                await api.get(path)
                await api.delete(path)
    stored = "".join(str(document.fields) for document in services.books_store.database.documents.values())
    lines = "".join(JsonLines().format(record) for record in caplog.records if record.name.startswith("reelgate"))
    written = stored + lines + str(services.events.published) + str(trail(services))
    assert len(written) > 1000
    assert [text for text in (token, wrong, secret, secret[:20]) if text in written] == []


def test_log_lines_keep_only_the_ids_of_tokens() -> None:
    token, key = TOKENS.new().text, "rgk_0000000000000000_000000000000000000000000000000000000"
    try:
        raise ValueError(f"/v1/play/{token}")
    except ValueError:
        record = logging.getLogger("reelgate.web").makeRecord(
            "reelgate.web", logging.ERROR, "f", 1, "unexpected error on %s %s", ("GET", f"/v1/play/{token}/v0.m3u8"), None
        )
        record.exc_info = sys.exc_info()
    record.json_fields = {"refusal": {"path": f"/watch/{token}?embed=1", "key": key, "url": f"%2Fwatch%2F{token}"}}
    line = JsonLines("p").format(record)
    shown = json.loads(line)
    assert token.split("_")[2] not in line
    assert key not in line
    assert shown["message"].startswith(f"unexpected error on GET /v1/play/{token[:21]}.../v0.m3u8")
    assert shown["refusal"]["path"] == f"/watch/{token[:21]}...?embed=1"
    assert shown["refusal"]["url"] == f"%2Fwatch%2F{token[:21]}..."


async def test_grants_are_exported_without_what_proves_tokens_and_deleted(services: MemoryServices, api: ApiClient) -> None:
    video = await services.add_video()
    grants = [await made(api, video.file_id, key=f"k-{n}", label=f"l-{n}") for n in range(3)]
    export = (await api.get("/v1/me/export")).json()
    assert {one["grant_id"] for one in export["grants"]} == {one["grant_id"] for one in grants}
    assert {one["label"] for one in export["grants"]} == {"l-0", "l-1", "l-2"}
    for word in ("digest", "salt", "fingerprint", *(one["token"].split("_")[2] for one in grants)):
        assert word not in json.dumps(export)
    assert (await api.delete("/v1/me")).status_code == 204
    assert [one for one in grants if await services.books.grant(one["grant_id"]) is not None] == []


async def test_expiry_is_when_it_was_asked_for(services: MemoryServices, api: ApiClient) -> None:
    video = await services.add_video()
    until = services.now() + timedelta(days=300)
    grant = await made(api, video.file_id, expires_at=until.isoformat())
    assert datetime.fromisoformat(grant["expires_at"]) == until
