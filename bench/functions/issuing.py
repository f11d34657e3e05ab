"""Issuing signed URLs with 1, 64 and 1000 requests at once, through the gateway, without errors.

Needs the local cloud. The requests are spread over many users, as real ones are; one hot user is `hot_user.py`. Each user asks
for one video, so nearly all requests are in a window that is paid already; `function_cpu.py` measures both kinds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from bench.people import Person

REQUESTS_AT_ONCE = ((1, 200), (64, 2000), (1000, 3000))
"""How many requests are under way at once, and how many there are in all."""


async def burst(
    client: aiohttp.ClientSession, videos: Sequence[tuple[Person, str]], at_once: int, total: int
) -> dict[str, float]:
    """Ask for `total` URLs of videos, `at_once` at a time. Returns requests per second, latencies in ms, and errors."""
    gate = asyncio.Semaphore(at_once)
    latencies: list[float] = []
    statuses: Counter[int] = Counter()

    async def one(person: Person, video_id: str) -> None:
        async with gate:
            began = time.perf_counter()
            url = f"{os.environ['REELGATE_URL']}/v1/videos/{video_id}/url"
            async with client.get(url, headers=person.headers) as answer:
                await answer.read()
                statuses[answer.status] += 1
            latencies.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    await asyncio.gather(*(one(*videos[n % len(videos)]) for n in range(total)))
    took = time.perf_counter() - began
    if set(statuses) != {200}:
        print(f"statuses with {at_once} at once: {dict(statuses)}")
    ranks = statistics.quantiles(latencies, n=100)
    return {
        "at_once": at_once,
        "per_second": total / took,
        "p50_ms": ranks[49],
        "p99_ms": ranks[98],
        "errors": total - statuses[200],
    }


async def run(number_of_people: int, most_requests: int | None) -> list[dict[str, float]]:
    """Return the figures for each number of requests at once."""
    people = [Person.sign_up() for _ in range(number_of_people)]
    videos = [(person, person.store_tiny_video()) for person in people]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=120)) as client:
        await burst(client, videos, 8, min(200, most_requests or 200))  # warm: tokens verified, clients built
        return [await burst(client, videos, at_once, min(total, most_requests or total)) for at_once, total in REQUESTS_AT_ONCE]


def main() -> int:
    """Print the table, and JSON with --json; return 1 if a request failed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100)
    options.add_argument("--requests", type=int, help="at most so many for each number at once")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    rows = asyncio.run(run(chosen.people, chosen.requests))
    print(f"{'at once':>8}{'per s':>8}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
    for row in rows:
        print(f"{row['at_once']:8.0f}{row['per_second']:8.0f}{row['p50_ms']:9.1f}{row['p99_ms']:9.1f}{row['errors']:8.0f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2))
    return 1 if any(row["errors"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
