"""What admins do: other limits, disabled accounts, days that are reset, and looking at everything."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.people.person import Person

READS = (
    "/v1/admin/users?limit=20",
    "/v1/admin/deliveries?limit=20",
    "/v1/admin/usage?from=2026-01-01&to=2026-01-03",
)


async def change_limits(admin: Person, people: Sequence[Person]) -> None:
    """Set a user's limits: lower than what is used, higher, or the deployment's own."""
    limits = {
        "storage": admin.chance.choice([None, None, 0, 100_000, 600_000]),
        "bandwidth": admin.chance.choice([None, None, 0, 500_000, 6_000_000]),
        "alert_percents": admin.chance.choice([None, [50, 80, 100]]),
    }
    await _patch(admin, people, {"limits": limits})


async def reset_day(admin: Person, people: Sequence[Person]) -> None:
    """Give a user the whole day again."""
    uid = admin.chance.choice(people).uid
    await admin.call("POST", f"/v1/admin/users/{uid}/reset-usage", expect={204, 404})


async def disable(admin: Person, people: Sequence[Person]) -> None:
    """Disable a user, and enable them again."""
    person = admin.chance.choice(people)
    if person.is_leaving:
        return
    for disabled in (True, False, False):  # the last one for an answer that is lost
        await _patch(admin, [person], {"disabled": disabled})


async def look(admin: Person, people: Sequence[Person]) -> None:
    """Look at something."""
    await admin.call("GET", admin.chance.choice(READS), expect={200})


async def redeliver(admin: Person, people: Sequence[Person]) -> None:
    """Send a failed delivery again."""
    listed = await admin.call("GET", "/v1/admin/deliveries?state=failed&limit=5", expect={200})
    if listed.ok and listed.body["items"]:
        chosen = admin.chance.choice(listed.body["items"])["delivery_id"]
        await admin.call("POST", f"/v1/admin/deliveries/{chosen}/redeliver", expect={200, 202, 404, 409})


async def _patch(admin: Person, people: Sequence[Person], body: object) -> None:
    uid = admin.chance.choice(people).uid
    await admin.call("PATCH", f"/v1/admin/users/{uid}", body, expect={200, 404})
