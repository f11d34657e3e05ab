"""Users as admins see and change them, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.ports.identity import Caller
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.audit_trail import trail
from tests.fixtures.memory_services import ADA, BOB, MemoryServices
from tests.fixtures.newcomers import sign_up


@pytest.fixture
async def eve(services: MemoryServices) -> str:
    """Return the uid of a registered user."""
    return (await sign_up(services, email="eve@example.org", username="Eve")).account.uid


async def changed(admin: ApiClient, uid: str, **changes: Any) -> dict[str, Any]:
    answer = await admin.patch(f"/admin/users/{uid}", json=changes)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_users_of_all_issuers_are_listed(admin: ApiClient, services: MemoryServices, eve: str) -> None:
    await services.add_video(caller=BOB)
    first = (await admin.get("/admin/users", params={"limit": 1})).json()
    rest = (await admin.get("/admin/users", params={"cursor": first["next_cursor"]})).json()
    assert rest["next_cursor"] is None
    [bob], [own] = first["users"], rest["users"]
    assert (bob["uid"], bob["email"], bob["role"], bob["username"], bob["stored"]) == (
        "bob",
        "bob@example.org",
        None,
        None,
        100,
    )
    assert (own["uid"], own["email"], own["role"], own["username"], own["disabled"]) == (
        eve,
        "eve@example.org",
        "user",
        "Eve",
        False,
    )
    assert bob["created_at"] == own["created_at"] == "2026-11-03T12:00:00.123Z"
    problem_of(await admin.get("/admin/users", params={"cursor": "x"}), 400, "invalid_request")


async def test_users_show_since_when_their_uploads_are_open(admin: ApiClient, services: MemoryServices) -> None:
    for caller in (BOB, ADA):
        for name in ("a.mp4", "b.mp4"):
            await services.grant(name, 10, caller=caller)
            services.clock.advance(minutes=1)
    await cancel_upload(services, BOB, "id-1")
    await services.add_video(caller=Caller(uid="cleo", email=None, role="user"))
    users = {user["uid"]: user for user in (await admin.get("/admin/users")).json()["users"]}
    since = {"bob": "2026-11-03T12:01:00.123Z", "ada": "2026-11-03T12:02:00.123Z", "cleo": None}
    assert {uid: users[uid]["uploading"] for uid in since} == since
    for uid, uploading in since.items():
        assert (await admin.get(f"/admin/users/{uid}")).json()["uploading"] == uploading


async def test_by_address(admin: ApiClient, eve: str) -> None:
    found = (await admin.get("/admin/users", params={"email": "EVE@example.org"})).json()
    assert ([user["uid"] for user in found["users"]], found["next_cursor"]) == ([eve], None)
    assert (await admin.get("/admin/users", params={"email": "who@example.org"})).json()["users"] == []
    problem_of(await admin.get("/admin/users", params={"email": "who"}), 400, "invalid_request")


async def test_one_user(admin: ApiClient, services: MemoryServices, eve: str) -> None:
    assert (await admin.get(f"/admin/users/{eve}")).json()["username"] == "Eve"
    for unknown in ("nobody", "a%2Eb", "%00", "x" * 400):
        problem_of(await admin.get(f"/admin/users/{unknown}"), 404, "user_not_found")
        problem_of(await admin.patch(f"/admin/users/{unknown}", json={"disabled": True}), 404, "user_not_found")
    assert await services.account("nobody") is None


async def test_changes_show_at_once(admin: ApiClient, eve: str) -> None:
    user = await changed(admin, eve, role="admin", storage_limit=7, alert_percents=[100, 50, 50], disabled=True)
    assert (user["role"], user["disabled"], user["role_effective_at"]) == ("admin", True, "2026-11-03T13:00:00.123Z")
    assert user["limits"] == {
        "storage_limit": 7,
        "daily_limit": 2000,
        "alert_percents": [50, 100],
        "own": ["storage_limit", "alert_percents"],
    }
    back = await changed(admin, eve, storage_limit=None, alert_percents=None, disabled=False)
    assert (back["limits"]["own"], back["disabled"], back["role_effective_at"]) == ([], False, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", None), ("role", "root"), ("role", ["admin"]), ("storage_limit", -1), ("storage_limit", 1.5),
        ("storage_limit", True), ("daily_limit", "5"), ("daily_limit", 2**53), ("alert_percents", []), ("alert_percents", [0]),
        ("alert_percents", [101]), ("alert_percents", [True]), ("alert_percents", list(range(1, 12))), ("alert_percents", "80"),
        ("disabled", None), ("disabled", 1), ("email", "x@example.org"), ("username", "x"), ("x" * 5000, 1),
    ],
)  # fmt: skip
async def test_impossible_changes(admin: ApiClient, services: MemoryServices, eve: str, field: str, value: object) -> None:
    answer = await admin.patch(f"/admin/users/{eve}", json={"daily_limit": 5, field: value})
    assert problem_of(answer, 400, "invalid_request")["field"] == field[:100]
    assert await services.kinds(eve) == ["register"]


async def test_the_ledger_shows_who_changed_what(admin: ApiClient, services: MemoryServices, eve: str) -> None:
    await changed(admin, eve, storage_limit=7)
    token = services.identity.issue(await services.directory.get(eve))  # type: ignore[arg-type]
    async with ApiClient(services, token) as owner:
        entries = (await owner.get("/v1/usage/entries")).json()["items"]
    assert [(entry["kind"], entry["reason"], entry["stored"]) for entry in entries] == [
        ("limits", "by an admin: storage_limit default -> 7", 0),
        ("register", None, 0),
    ]


async def test_no_changes(admin: ApiClient, eve: str) -> None:
    for body in (b"", b"{}", b"[]"):
        problem_of(await admin.patch(f"/admin/users/{eve}", content=body), 400, "invalid_request")


async def test_conflicts(admin: ApiClient, services: MemoryServices) -> None:
    await services.add_video(caller=BOB)
    problem_of(await admin.patch("/admin/users/bob", json={"role": "admin"}), 409, "foreign_user")
    for changes in ({"disabled": True}, {"role": "user"}):
        problem_of(await admin.patch("/admin/users/root", json=changes), 409, "own_account")


async def test_a_disabled_admin_is_none(admin: ApiClient, services: MemoryServices, eve: str) -> None:
    await services.directory.set_role(eve, "admin")
    token = services.identity.issue(await services.directory.get(eve))  # type: ignore[arg-type]
    await changed(admin, eve, disabled=True)
    async with ApiClient(services, token) as former:
        for path in ("/admin/users", f"/admin/users/{eve}"):
            problem_of(await former.get(path), 403, "account_disabled")
        problem_of(await former.patch(f"/admin/users/{eve}", json={"disabled": False}), 403, "account_disabled")


async def test_users_are_none_of_other_users_business(api: ApiClient, eve: str) -> None:
    for path in ("/admin/users", "/admin/users/ada", f"/admin/users/{eve}", "/admin/users/nobody"):
        problem_of(await api.get(path), 403, "forbidden")
    problem_of(await api.patch("/admin/users/ada", json={"role": "admin"}), 403, "forbidden")


async def test_the_audit_log_is_told_what_was_before_and_what_is_after(
    admin: ApiClient, services: MemoryServices, eve: str
) -> None:
    await changed(admin, eve, role="admin", daily_limit=5)
    problem_of(await admin.patch("/admin/users/root", json={"disabled": True}), 409, "own_account")
    told = [action for action in trail(services) if action.action == "user.changed"]
    assert [action.data for action in told] == [
        {"user_id": eve, "before": {"daily_limit": None}, "after": {"daily_limit": 5}},
        {"user_id": eve, "before": {"role": "user"}, "after": {"role": "admin"}},
    ]
    for action in told:
        assert (action.uid, action.outcome, action.service) == ("root", "done", services.function)
        assert action.request_id
