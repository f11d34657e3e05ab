"""An admin's token outlives being an admin by up to an hour; no route believes it: the directory and the books are asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reelgate.domain.books.ledger import Change
from reelgate.ports.books import ReadSet
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.newcomers import enter, sign_up
from tests.fixtures.permissions import Permission, permissions

ADMIN_ROUTES = [row for row in permissions() if row.is_for_admins]
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/usage/reset-daily": {"user_id": "ada"},
    "PATCH /admin/users/{uid}": {"storage_limit": 5},
    "PATCH /v1/admin/users/{user_id}": {"limits": {"storage": 5}},
    "POST /v1/admin/usage/exports": {"from": "2026-11-01", "to": "2026-11-03"},
}
QUERIES = {"/v1/admin/usage": {"from": "2026-11-01", "to": "2026-11-03"}}
THINGS = {"uid": "ada", "user_id": "ada", "export_id": "x", "delivery_id": "evt_" + 32 * "0" + "-mail"}

End = Callable[[MemoryServices, str], Awaitable[None]]


async def demoted(services: MemoryServices, uid: str) -> None:
    await services.directory.set_role(uid, "user")


async def disabled(services: MemoryServices, uid: str) -> None:
    await services.directory.set_disabled(uid, True)


async def disabled_in_the_books_first(services: MemoryServices, uid: str) -> None:
    account = await services.existing_account(uid)
    await services.books.commit(uid, lambda _: Change(account=replace(account, disabled=True)), ReadSet())


async def removed(services: MemoryServices, uid: str) -> None:
    await services.directory.remove(uid)


@pytest.fixture
async def uid(services: MemoryServices) -> str:
    """Return the uid of an admin of the directory."""
    registered = await sign_up(services, email="eve@example.org", username="Eve")
    await services.directory.set_role(registered.account.uid, "admin")
    await services.add_video()
    return registered.account.uid


@pytest.fixture
async def token(services: MemoryServices, uid: str) -> str:
    """Return a token that says that they are an admin."""
    logged_in = await enter(services, "Eve")
    assert (logged_in.caller.uid, logged_in.caller.role) == (uid, "admin")
    return logged_in.tokens.id_token


async def ask(client: ApiClient, row: Permission, method: str) -> Any:
    query = QUERIES.get(row.path)
    return await client.request(method, row.path.format(**THINGS), params=query, json=BODIES.get(row.route))


def test_the_walk_has_routes_of_every_function_that_serves_admins() -> None:
    assert {row.function for row in ADMIN_ROUTES} == {"usage", "accounts", "notify", "audit"}


@pytest.mark.parametrize("row", ADMIN_ROUTES, ids=lambda row: row.route)
async def test_who_is_an_admin_is_let_in(services: MemoryServices, row: Permission, token: str) -> None:
    async with ApiClient(services, token) as client:
        assert (await ask(client, row, row.method)).status_code in {200, 202, 204, 404}


@pytest.mark.parametrize("end", [demoted, disabled, disabled_in_the_books_first, removed])
@pytest.mark.parametrize("row", ADMIN_ROUTES, ids=lambda row: row.route)
async def test_who_is_none_any_more_is_refused_with_the_same_token(
    services: MemoryServices, row: Permission, uid: str, token: str, end: End
) -> None:
    await end(services, uid)
    entries = await services.entries()
    async with ApiClient(services, token) as client:
        for method in {row.method, "HEAD"} if row.method == "GET" else {row.method}:
            answer = await ask(client, row, method)
            if method == "HEAD":
                assert answer.status_code == 403
            else:
                problem_of(answer, 403, "account_disabled" if end is disabled_in_the_books_first else "forbidden")
    assert await services.entries() == entries


@pytest.mark.parametrize("row", ADMIN_ROUTES, ids=lambda row: row.route)
async def test_a_token_from_before_the_sign_ins_were_ended_is_refused(
    services: MemoryServices, row: Permission, uid: str, token: str
) -> None:
    services.clock.now += timedelta(seconds=2)
    await services.directory.set_disabled(uid, True)
    await services.directory.set_disabled(uid, False)
    async with ApiClient(services, token) as client:
        problem_of(await ask(client, row, row.method), 401, "unauthorized")
    async with ApiClient(services, (await enter(services, "Eve")).tokens.id_token) as client:
        assert (await ask(client, row, row.method)).status_code in {200, 202, 204, 404}


async def test_the_own_day_is_no_exception(services: MemoryServices, uid: str, token: str) -> None:
    await demoted(services, uid)
    async with ApiClient(services, token) as client:
        for body in ({}, {"user_id": uid}):
            problem_of(await client.post("/api/usage/reset-daily", json=body), 403, "forbidden")
    assert await services.kinds(uid) == ["register"]


async def test_who_cannot_be_asked_about_is_not_let_in(services: MemoryServices, token: str) -> None:
    services.directory.unavailable = True
    async with ApiClient(services, token) as client:
        problem_of(await client.get("/logs"), 503, "unavailable")


async def test_admins_of_other_issuers_are_what_their_tokens_say_unless_the_books_lock_them_out(
    admin: ApiClient, services: MemoryServices
) -> None:
    assert (await admin.get("/logs")).status_code == 200
    await services.grant("a.mp4", caller=replace(services.identity.callers["root"]))
    await disabled_in_the_books_first(services, "root")
    problem_of(await admin.get("/logs"), 403, "account_disabled")


async def test_where_only_admins_upload_their_tokens_alone_do_not_say_it(
    services: MemoryServices, uid: str, token: str
) -> None:
    services.policy = replace(services.policy, upload_roles=frozenset({"admin"}))
    upload = {"filename": "a.mp4", "size": 10, "content_type": "video/mp4"}
    session = {"main_service_file_id": 7, "original_file_name": "b.mp4"}
    async with ApiClient(services, token) as client:
        granted = (await client.post("/upload", json=upload)).json()["upload_id"]
        begun = (await client.post("/upload/init", json=session)).json()["data"]["upload_session_id"]
        await demoted(services, uid)
        chunks = {"upload_session_id": begun, "chunks": [{"index": 0, "size": 5}]}
        for path, body in (
            ("/upload", {**upload, "filename": "c.mp4"}),
            ("/upload/init", {**session, "original_file_name": "d.mp4"}),
            ("/upload/chunk-urls", chunks),
        ):
            problem_of(await client.post(path, json=body), 403, "forbidden")
        form = {"file": ("e.mp4", b"video", "video/mp4")}
        problem_of(await client.post("/upload", files=form), 403, "forbidden")
        form = {"chunk": ("chunk", b"video", "application/octet-stream")}
        sent = await client.post("/upload/chunk", data={"upload_session_id": begun, "chunk_index": "0"}, files=form)
        problem_of(sent, 403, "forbidden")
        problem_of(await client.post(f"/v1/uploads/{granted}/resume"), 403, "forbidden")
