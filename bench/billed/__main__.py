"""What each thing that a user does is billed for: Firestore, storage and Pub/Sub operations, and calls of functions.

The functions run in this process as they are deployed, against the emulators, with topics and buckets of their own, so that
no other process takes their events; what they publish is pushed to them as by subscriptions. `--prices` adds what it costs. A
last line has the functions' CPU time for a complete upload: this process's, with its threads, while a function is called, on a
deployed function's event loop (uvloop) and with its log lines, which go to `--log FILE`. It lacks the HTTP server: functions
are called directly (`function_cpu` has it), and the check of signatures: tokens of the emulators have none.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections import Counter, defaultdict
from contextlib import redirect_stderr
from pathlib import Path

import httpx
import uvloop

from bench.billed.deployment import Deployment, prepare
from bench.billed.journey import sign_up, upload, use
from bench.billed.meter import KINDS
from bench.billed.prices import dollars_per_million


async def count(uploads: int) -> tuple[dict[str, dict[str, int]], dict[str, float]]:
    """Return what each step was billed for, with sums per thing that a user does, and the CPU milliseconds of each function for
    a complete upload: the median of `uploads` further ones.
    """
    async with httpx.AsyncClient(timeout=60) as web:
        cloud = Deployment(web)
        with cloud.meter.watching():
            await use(cloud)
            steps = _sums({name: counts for name, counts in cloud.steps.items() if not name.startswith("warm up")})
            return steps, await _cpu_milliseconds(cloud, uploads)


async def _cpu_milliseconds(cloud: Deployment, uploads: int) -> dict[str, float]:
    await sign_up(cloud, "b")  # today's limit of the other one is used up
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(uploads):
        cloud.cpu_seconds.clear()
        await upload(cloud, f"upload-{number}.mp4", "measured", noise=0.01)
        for function, seconds in cloud.cpu_seconds.items():
            taken[function].append(1000 * seconds)
    return {function: statistics.median(milliseconds) for function, milliseconds in taken.items()}


def _sums(steps: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """Return every step, and before those of several parts their sum."""
    rows: dict[str, dict[str, int]] = {}
    for name in dict.fromkeys(step.partition(": ")[0] for step in steps):
        parts = {step: counts for step, counts in steps.items() if step.partition(": ")[0] == name}
        total = sum(parts.values(), Counter[str]())
        rows[name] = {kind: total[kind] for kind in KINDS}
        if len(parts) > 1:
            own = {f"{name}: itself" if step == name else step: counts for step, counts in parts.items()}
            rows |= {step: {kind: counts[kind] for kind in KINDS} for step, counts in own.items()}
    return rows


def cpu_line(milliseconds: dict[str, float]) -> str:
    """Return a line about the functions' CPU time. `convert` is on its own: it works as long as the video is."""
    each = ", ".join(f"{function} {spent:.1f}" for function, spent in milliseconds.items())
    others = sum(spent for function, spent in milliseconds.items() if function != "convert")
    return f"CPU of a complete upload, warm, in ms (FFmpeg's processes not counted): {each}; without convert {others:.1f}"


def main() -> None:
    """Print the table; `--json FILE` writes the numbers."""
    options = argparse.ArgumentParser(prog="python -m bench.billed", description=__doc__)
    options.add_argument("--json", type=Path)
    options.add_argument("--uploads", type=int, default=15, help="how many uploads the CPU time is the median of")
    options.add_argument("--prices", action="store_true", help="dollars per million, for the operations with known prices")
    options.add_argument(
        "--log", type=Path, default=Path(os.devnull), help="where the functions' log lines go; by default, nowhere"
    )
    chosen = options.parse_args()
    prepare()
    # The functions' log handlers take the stream that is stderr when they are loaded.
    with chosen.log.open("w") as log, redirect_stderr(log):
        rows, milliseconds = uvloop.run(count(chosen.uploads))
    columns = [*KINDS, *(["$ per million"] if chosen.prices else [])]
    print("| | " + " | ".join(column.replace("_", " ") for column in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in rows.items():
        cells = [str(row[kind]) for kind in KINDS] + ([f"{dollars_per_million(row):.2f}"] if chosen.prices else [])
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(cpu_line(milliseconds))
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
