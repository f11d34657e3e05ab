"""What users ask about their usage, and report of other stores."""

from __future__ import annotations

from tests.chaos.people.person import Person

READS = (
    "/v1/usage",
    "/v1/usage/entries?limit=50",
    "/v1/usage/days?from=2026-01-01&to=2026-01-02",
    "/storage-status",
    "/api/usage/daily-summary",
    "/api/usage/check-usage-alerts",
)


async def read(person: Person) -> None:
    """Read something."""
    await person.call("GET", person.chance.choice(READS), expect={200})


async def check_bandwidth(person: Person) -> None:
    """Ask whether an upload would fit into the day."""
    body = {"file_size": person.chance.choice([1, 100_000, 100_000_000])}
    await person.call("POST", "/api/usage/check-upload-bandwidth", body, expect={200, 400})


async def report(person: Person) -> None:
    """Report an upload or a deletion in another store, under a key, sometimes twice."""
    what = person.chance.choice(["upload", "deletion"])
    key = f"{person.chance.getrandbits(64):x}"
    body = {"file_name": "elsewhere.mp4", "file_size": person.chance.randint(1, 5000)}
    for _ in range(person.chance.choice([1, 1, 2])):
        headers = {"Idempotency-Key": key}
        await person.call("POST", f"/api/usage/log-{what}", body, expect={200, 400}, headers=headers)
