"""PATCH /me: which mails somebody gets."""

from __future__ import annotations

import pytest

from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices


async def test_what_is_set_is_shown_and_the_rest_stays() -> None:
    services = MemoryServices()
    async with ApiClient(services) as ada, ApiClient(services, "bob") as bob:
        assert (await ada.get("/me")).json()["mails"] == {"alerts": True, "audio": True}
        answer = await ada.patch("/me", json={"mails": {"alerts": False}})
        assert (answer.status_code, answer.json()) == (200, {"mails": {"alerts": False, "audio": True}})
        assert (await ada.patch("/me", json={"mails": {"audio": False}})).json()["mails"] == {"alerts": False, "audio": False}
        assert (await ada.patch("/me", json={"mails": {"alerts": True}})).json()["mails"] == {"alerts": True, "audio": False}
        assert (await ada.get("/me")).json()["mails"] == {"alerts": True, "audio": False}
        assert (await bob.get("/me")).json()["mails"] == {"alerts": True, "audio": True}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mails": {}},
        {"mails": None},
        {"mails": []},
        {"mails": {"welcome": False}},
        {"mails": {"alerts": "no"}},
        {"mails": {"alerts": 0}},
        {"mails": {"alerts": None}},
        {"mails": {"alerts": True}, "role": "admin"},
        {"role": "admin"},
    ],
)
async def test_nothing_else_can_be_set(body: dict[str, object]) -> None:
    services = MemoryServices()
    async with ApiClient(services) as ada:
        problem_of(await ada.patch("/me", json=body), 400, "invalid_request")
        assert (await ada.get("/me")).json()["mails"] == {"alerts": True, "audio": True}


async def test_it_is_for_who_is_signed_in() -> None:
    async with ApiClient(MemoryServices(), None) as nobody:
        problem_of(await nobody.patch("/me", json={"mails": {"alerts": False}}), 401, "unauthorized")


async def test_a_store_that_cannot_be_reached_is_said() -> None:
    services = MemoryServices()
    services.documents.unavailable = True
    async with ApiClient(services) as ada:
        problem_of(await ada.patch("/me", json={"mails": {"alerts": False}}), 503, "unavailable")
